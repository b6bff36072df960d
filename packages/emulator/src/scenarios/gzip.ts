import { once } from "node:events";
import { constants, createGzip } from "node:zlib";

import type { Scenario, Turn } from "./scenario.ts";
import { playAnswer } from "./whole-answers.ts";

export const gzip: Scenario = {
  summary:
    "the answer compressed regardless of Accept-Encoding; every token can be read when it arrives",
  async play(turn) {
    const compressor = createCompressor();
    try {
      await playAnswer(compressed(turn, compressor));
      await turn.write(await compressor.end());
    } finally {
      compressor.close();
    }
  },
};

function compressed(turn: Turn, compressor: Compressor): Turn {
  return {
    ...turn,
    begin: () => turn.begin({ headers: { "Content-Encoding": "gzip" } }),
    write: async (piece, sentText) => turn.write(await compressor.compress(piece), sentText),
  };
}

interface Compressor {
  /** All bytes that a reader needs to have the piece. */
  compress(piece: string | Uint8Array): Promise<Buffer>;
  end(): Promise<Buffer>;
  close(): void;
}

function createCompressor(): Compressor {
  const stream = createGzip();
  let chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  const taken = (): Buffer => {
    const bytes = Buffer.concat(chunks);
    chunks = [];
    return bytes;
  };

  return {
    async compress(piece) {
      stream.write(piece);
      await new Promise<void>((resolve) => stream.flush(constants.Z_SYNC_FLUSH, resolve));
      return taken();
    },
    async end() {
      stream.end();
      await once(stream, "end");
      return taken();
    },
    close: () => stream.close(),
  };
}
