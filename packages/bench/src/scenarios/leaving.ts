import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";
import { besidePeers } from "./beside-peers.ts";

const readers = 200;
const soonMs = 100;

/** Whether answers without a reader are still billed. */
export const leaving: Scenario = {
  name: "leaving",
  title: `${readers} readers leave at once`,
  explanation:
    "In the middle of their answers, ten tokens a second without an end. A gateway goes on answering, and billing, until its own connection is closed.",
  measures: [
    { name: `answers left after ${soonMs} ms`, unit: "", decimals: 0 },
    { name: "answers left in the end", unit: "", decimals: 0 },
    { name: "last one gone after", unit: "ms", decimals: 0 },
  ],
  async run(lab, book) {
    await besidePeers(lab, book, {
      peers: lab.peers,
      // Answers that were left behind would be in the next round's way.
      areFresh: true,
      async sample({ target }) {
        await lab.upstream.follow({ tokens: 0, tokensPerChunk: 1, everyMs: 100 });
        await lab.load.open({ target, streams: readers, staggerMs: 1 });
        const leftAt = await lab.load.leave();
        await sleep(lab.intensity.leavingWithinMs);
        const account = await lab.upstream.account();
        const soon = leftAt + soonMs * 1e3;
        const left = account.answersBegun - account.leftAt.length;
        return {
          [`answers left after ${soonMs} ms`]:
            account.answersBegun - account.leftAt.filter((at) => at <= soon).length,
          "answers left in the end": left,
          "last one gone after":
            left > 0 ? Number.NaN : (Math.max(...account.leftAt) - leftAt) / 1e3,
        };
      },
    });
  },
};
