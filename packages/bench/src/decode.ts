import { writeFile } from "node:fs/promises";
import split2 from "split2";
import { createLineDecoder } from "../../relay/src/gateway/decode/line-decoder.ts";
import { measureInTurns } from "./measure-in-turns.ts";
import { performanceReport } from "./performance-report.ts";

/** Reads a body that comes in pieces, and gives the number of JSON objects in it. */
type Decode = (pieces: readonly Buffer[]) => number | Promise<number>;

const bodyBytes = 1 << 18;
const chunkSizes = [1, 16, 4 << 10, 1 << 20];

const decoders: Readonly<Record<string, Decode>> = {
  gatestream(pieces) {
    const decoder = createLineDecoder({ maxLineBytes: 2 * bodyBytes });
    let objects = 0;
    const parse = (line: string): void => {
      if (line === "") return;
      JSON.parse(line);
      objects += 1;
    };
    for (const piece of pieces) decoder.push(piece).forEach(parse);
    decoder.end().forEach(parse);
    return objects;
  },
  async split2(pieces) {
    let objects = 0;
    const lines = split2(JSON.parse);
    lines.on("data", () => {
      objects += 1;
    });
    for (const piece of pieces) {
      if (!lines.write(piece)) await new Promise((resolve) => lines.once("drain", resolve));
    }
    await new Promise((resolve) => lines.once("end", resolve).end());
    return objects;
  },
  // What tutorials show: everything that has come so far is split again for every piece.
  "string += piece"(pieces) {
    let text = "";
    let objects = 0;
    for (const piece of pieces) {
      text += piece.toString();
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        JSON.parse(line);
        objects += 1;
      }
    }
    return objects;
  },
};

function tokenLines(): Buffer {
  const lines: string[] = [];
  for (let bytes = 0, index = 0; bytes < bodyBytes; index += 1) {
    const line = `${JSON.stringify({ type: "token", content: " word", index })}\n`;
    lines.push(line);
    bytes += line.length;
  }
  return Buffer.from(lines.join(""));
}

function oneLine(): Buffer {
  const content = "word ".repeat(bodyBytes / 5);
  return Buffer.from(`${JSON.stringify({ type: "token", content, index: 0 })}\n`);
}

function cut(body: Buffer, chunkBytes: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; at += chunkBytes) {
    pieces.push(body.subarray(at, at + chunkBytes));
  }
  return pieces;
}

/** Hours for one run: the peers look at an unfinished line again for every piece of it. */
function isHopeless(name: string, isOneLine: boolean, chunkBytes: number): boolean {
  return name !== "gatestream" && isOneLine && chunkBytes < 4 << 10;
}

const bodies = { "token lines": tokenLines(), "one line of 256 KiB": oneLine() };

const contenders = Object.entries(bodies).flatMap(([bodyName, body]) =>
  chunkSizes.flatMap((chunkBytes) => {
    const pieces = cut(body, chunkBytes);
    return Object.entries(decoders)
      .filter(([name]) => !isHopeless(name, body === bodies["one line of 256 KiB"], chunkBytes))
      .map(([name, decode]) => ({
        name,
        scenario: `${bodyName}, ${sizeInWords(chunkBytes)} chunks`,
        units: body.length,
        run: async () => {
          if ((await decode(pieces)) === 0) throw new Error(`${name} decoded nothing.`);
        },
      }));
  }),
);

function sizeInWords(bytes: number): string {
  if (bytes >= 1 << 20) return `${bytes >> 20}-MiB`;
  return bytes >= 1 << 10 ? `${bytes >> 10}-KiB` : `${bytes}-byte`;
}

const figures = await measureInTurns(contenders, { rounds: 5 });
const report = performanceReport(figures, "gatestream");
await writeFile(new URL("../../../docs/performance.md", import.meta.url), report);
process.stdout.write(report);
