// A reader of answers in a Node of its own, which counts its own CPU.
import { offerDeeds } from "../processes/calls.ts";

interface ReaderModule {
  readAnswer(baseUrl: string): Promise<number>;
}

let reader: ReaderModule | undefined;

const deeds = {
  async load(url: string): Promise<void> {
    reader = await import(url);
  },
  async read(baseUrl: string) {
    const before = process.cpuUsage();
    const delivered = (await reader?.readAnswer(baseUrl)) ?? 0;
    const { user, system } = process.cpuUsage(before);
    return { delivered, cpuMicroseconds: user + system };
  },
};

export type InNodeDeeds = typeof deeds;

offerDeeds(deeds);
