import { setTimeout as sleep } from "node:timers/promises";
import { monotonicMicroseconds } from "../measuring/clock.ts";
import { residentBytes } from "../measuring/process-usage.ts";
import type { Scenario } from "../scenario.ts";
import { besidePeers } from "./beside-peers.ts";

const readers = 20;
const offeredBytes = 50e6;
/** Of a token of the gateway's own dialect, with everything around it. */
const bytesPerToken = 47;
/** Of an answer that is read: a used heap is larger than a new one, with any reader. */
const workTokens = 500;
const betweenLooksMs = 50;

/** Whether a relay keeps in memory what its readers do not take. */
export const stalledReaders: Scenario = {
  name: "stalled-readers",
  title: `${readers} readers stop reading`,
  explanation:
    `The gateway has ${offeredBytes / 1e6} MB for each of them and sends as fast as it is let. ` +
    "How much a process that has just relayed as many answers to their ends grows at most: what readers do not take stays with the gateway, or in memory.",
  measures: [{ name: "growth", unit: "MiB", decimals: 1 }],
  async run(lab, book) {
    await besidePeers(lab, book, {
      peers: lab.peers.filter(({ command }) => command !== undefined),
      areFresh: true,
      async sample({ target, processId }) {
        await lab.upstream.follow({ tokens: workTokens, tokensPerChunk: 10, everyMs: 0 });
        await lab.load.exhaust({
          target,
          streams: readers,
          durationMs: lab.intensity.flatOutMs,
          tokensPerStream: workTokens,
        });
        await lab.upstream.follow({
          tokens: Math.round(offeredBytes / bytesPerToken),
          tokensPerChunk: 10,
          everyMs: 0,
        });
        const before = await residentBytes(processId);
        await lab.load.openWithoutReading({ target, streams: readers });
        const until = monotonicMicroseconds() + lab.intensity.stalledMs * 1e3;
        let most = before;
        while (monotonicMicroseconds() < until) {
          most = Math.max(most, await residentBytes(processId));
          await sleep(betweenLooksMs);
        }
        return { growth: (most - before) / 2 ** 20 };
      },
    });
  },
};
