// Reads answers in a Node of its own, which counts its own CPU.
import { aiSdk, bareFetch, eventSourceClient, gatestream } from "./readers.ts";

const readers = { aiSdk, bareFetch, eventSourceClient, gatestream };

export interface ReadOptions {
  readonly reader: string;
  readonly baseUrl: string;
  /** How many, one after the other. */
  readonly answers: number;
}

export interface ReadAnswers {
  readonly delivered: number;
  readonly cpuMicroseconds: number;
}

process.on("message", async ({ reader, baseUrl, answers }: ReadOptions) => {
  const readAnswer = readers[reader as keyof typeof readers];
  const before = process.cpuUsage();
  let delivered = 0;
  for (let answer = 0; answer < answers; answer += 1) delivered += await readAnswer(baseUrl);
  const { user, system } = process.cpuUsage(before);
  process.send?.({ delivered, cpuMicroseconds: user + system } satisfies ReadAnswers);
});
process.on("disconnect", () => process.exit());
