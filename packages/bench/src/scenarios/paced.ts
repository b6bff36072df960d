import type { Scenario } from "../scenario.ts";
import { besidePeers } from "./beside-peers.ts";
import {
  pacedMeasures,
  pacedStreams,
  samplePacedStreams,
  tokensPerSecond,
} from "./paced-streams.ts";

/** How answers really come. */
export const paced: Scenario = {
  name: "paced",
  title: `${pacedStreams} streams of ${tokensPerSecond} tokens a second`,
  explanation:
    "Every token says when the gateway sent it, and the reader looks at the same clock: latency is from the one to the other, " +
    "and what direct shows is the machine's own. The first token is timed from connecting. " +
    "CPU is counted while all streams run, after the last one has begun. A peer that needs more than 200 µs for a token has no core left for these 5,000 a second: then its latency is a queue's.",
  measures: pacedMeasures({ cpuBeside: "pipe", latencyBeside: "direct" }),
  run: (lab, book) =>
    besidePeers(lab, book, {
      peers: lab.peers,
      sample: (peer) => samplePacedStreams(lab, peer),
    }),
};
