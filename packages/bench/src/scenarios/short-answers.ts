import type { Scenario } from "../scenario.ts";
import { besidePeers } from "./beside-peers.ts";
import { spent } from "./spent.ts";

const readers = 50;

/** What an answer costs apart from its tokens: limits, ids, records, and the connections' own. */
export const shortAnswers: Scenario = {
  name: "short-answers",
  title: "Answers of one token",
  explanation: `${readers} readers, each of which asks again at once: what a stream costs before and after its tokens.`,
  measures: [
    {
      name: "CPU per answer",
      unit: "µs",
      decimals: 0,
      beside: { contender: "pipe", as: "ratio" },
    },
    { name: "from asking to the end, p50", unit: "ms", decimals: 1 },
    { name: "readers busy", unit: "%", decimals: 0 },
  ],
  async run(lab, book) {
    await lab.upstream.follow({ tokens: 1, tokensPerChunk: 1, everyMs: 0 });
    await besidePeers(lab, book, {
      peers: lab.peers,
      async sample({ target, processId }) {
        const { result, cpuMicroseconds, loadPercent } = await spent(lab, processId, () =>
          lab.load.exhaust({
            target,
            streams: readers,
            tokensPerStream: 1,
            durationMs: lab.intensity.flatOutMs,
          }),
        );
        return {
          "CPU per answer": cpuMicroseconds / result.answers,
          "from asking to the end, p50": result.answerMs.p50,
          "readers busy": loadPercent,
        };
      },
    });
  },
};
