import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** An example of a README or of the code's own documentation. */
export interface DocumentedExample {
  readonly file: string;
  /** Without imports and white space. */
  readonly code: string;
}

/** Every example of a package that is TypeScript; of a Vue component, its script. */
export async function documentedExamples(
  packageFolder: string,
): Promise<readonly DocumentedExample[]> {
  const sources = await readdir(join(packageFolder, "src"), { recursive: true });
  const documented = sources.filter((name) => /(?<!\.test(?:-d)?)\.ts$/.test(name));
  const files = ["README.md", ...documented.map((name) => `src/${name}`)];
  const found = files.map(async (file) => {
    const text = await readFile(join(packageFolder, file), "utf8");
    return [...text.matchAll(/^( \* | {3}\* |)```(?:tsx?|vue)\n(.*?)^\1```$/gms)].map(
      ([, margin = "", block = ""]) => {
        const lines = block.split("\n").map((line) => line.slice(margin.length));
        const code = lines.join("\n");
        const script = /<script[^>]*>(.*)<\/script>/s.exec(code)?.[1] ?? code;
        return { file, code: bareCode(script) };
      },
    );
  });
  return (await Promise.all(found)).flat();
}

/** What two examples have in common that are the same. */
export function bareCode(code: string): string {
  return code.replaceAll(/^import .*?;$/gms, "").replaceAll(/\s/g, "");
}
