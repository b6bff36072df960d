import split2 from "split2";
import { createLineDecoder } from "../../../relay/src/gateway/decode/lines.ts";

/** Reads a body that comes in pieces, and gives the number of JSON objects in it. */
export type Decode = (pieces: readonly Buffer[]) => number | Promise<number>;

const maxLineBytes = 1 << 19;

export const decoders: Readonly<Record<string, Decode>> = {
  gatestream(pieces) {
    const decoder = createLineDecoder({ maxLineBytes });
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
