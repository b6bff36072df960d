import { bodies, cut } from "../decoding/bodies.ts";
import { decoders, type Decode } from "../decoding/decoders.ts";
import { inTurns } from "../measuring/in-turns.ts";
import type { Scenario } from "../scenario.ts";

const chunkSizes = [1, 16, 4 << 10, 1 << 20];

const situations = Object.entries(bodies).flatMap(([bodyName, body]) =>
  chunkSizes.map((chunkBytes) => ({
    name: `${bodyName}, ${sizeInWords(chunkBytes)} chunks`,
    body,
    chunkBytes,
  })),
);

/** What the gateway's lines cost, apart from everything else. */
export const decoding: Scenario = {
  name: "decoding",
  title: "What decoding costs",
  explanation:
    "CPU for each byte of newline-delimited JSON, parsed, in one process. A line costs the same whatever its chunks are; what grows with smaller chunks is the handling of each chunk. A dash is hours: the peers look at an unfinished line again for every piece of it.",
  measures: situations.map(({ name }) => ({
    name,
    unit: "ns",
    decimals: 1,
    beside: { contender: "gatestream", as: "ratio" },
  })),
  async run(lab, book) {
    const { intensity } = lab;
    const contenders = situations.flatMap((situation) =>
      Object.entries(decoders)
        .filter(([name]) => name === "gatestream" || !isHopelessForPeers(situation))
        .map(([name, decode]) => ({ name, decode, situation })),
    );
    await inTurns(contenders, intensity, async ({ name, decode, situation }, isCounted) => {
      const pieces = cut(situation.body, situation.chunkBytes);
      const bytes = situation.body.length;
      const nanoseconds = await cpuOfRuns(decode, pieces, intensity.decodeMs);
      if (isCounted) book.note(name, { [situation.name]: nanoseconds / bytes });
    });
  },
};

function isHopelessForPeers({ body, chunkBytes }: (typeof situations)[number]): boolean {
  return body === bodies["one line of 256 KiB"] && chunkBytes < 4 << 10;
}

/** CPU nanoseconds of one run, over as many as it takes for the clock's grain not to show. */
async function cpuOfRuns(
  decode: Decode,
  pieces: readonly Buffer[],
  durationMs: number,
): Promise<number> {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  let runs = 0;
  while (performance.now() - startedAt < durationMs) {
    if ((await decode(pieces)) === 0) throw new Error("It decoded nothing.");
    runs += 1;
  }
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1e3) / runs;
}

function sizeInWords(bytes: number): string {
  if (bytes >= 1 << 20) return `${bytes >> 20}-MiB`;
  return bytes >= 1 << 10 ? `${bytes >> 10}-KiB` : `${bytes}-byte`;
}
