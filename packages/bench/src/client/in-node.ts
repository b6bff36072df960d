// A reader of answers in a Node of its own, which counts its own CPU.
import { offerDeeds } from "../processes/calls.ts";

interface ReaderModule {
  readAnswer(baseUrl: string): Promise<number>;
}

interface ReadingOrder {
  readonly baseUrl: string;
  /** How many, one after the other. */
  readonly answers: number;
}

let reader: ReaderModule | undefined;

const deeds = {
  async load(url: string): Promise<void> {
    reader = await import(url);
  },
  async read({ baseUrl, answers }: ReadingOrder) {
    const before = process.cpuUsage();
    let delivered = 0;
    for (let answer = 0; answer < answers; answer += 1) {
      delivered += (await reader?.readAnswer(baseUrl)) ?? 0;
    }
    const { user, system } = process.cpuUsage(before);
    return { delivered, cpuMicroseconds: user + system };
  },
};

export type InNodeDeeds = typeof deeds;

offerDeeds(deeds);
