import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium, type Browser } from "playwright-core";

/** A function of `<module>.ts` with all that it needs, as a bundler makes it for a page. */
export async function bundleOf(module: string, functionName: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { ${functionName} } from "./${module}.ts";
        globalThis.measured = ${functionName};`,
      resolveDir: fileURLToPath(new URL("../src/client/", import.meta.url)),
    },
    bundle: true,
    minify: true,
    // Frameworks are slow where they help to find mistakes.
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
}

export const chromiumPath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
}

/** Opens a page of its own and calls the global function of its script with the page's origin. */
export async function callInPage<Result>(browser: Browser, pageUrl: string) {
  const page = await browser.newPage();
  try {
    await page.goto(pageUrl);
    await page.waitForFunction("globalThis.measured !== undefined");
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    const taskSeconds = async (): Promise<number> => {
      const { metrics } = await session.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
    };
    const before = await taskSeconds();
    const result = await page.evaluate<Result>("measured(location.origin)");
    return { result, mainThreadMs: ((await taskSeconds()) - before) * 1e3 };
  } finally {
    await page.close();
  }
}
