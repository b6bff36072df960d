import type { Scenario } from "../scenario.ts";
import { besidePeers } from "./beside-peers.ts";
import { spent } from "./spent.ts";

const streams = 50;
const tokensPerStream = 500;

/** How much of CPU a token costs when the gateway sends all it has at once. */
export function flatOut(tokensPerChunk: number): Scenario {
  const plural = tokensPerChunk === 1 ? "token" : "tokens";
  return {
    name: `flat-out-${tokensPerChunk}`,
    title: `Flat out, ${tokensPerChunk} ${plural} a chunk`,
    explanation:
      `${streams} readers at once, each of which asks again when its answer of ${tokensPerStream} tokens has ended. ` +
      `The gateway sends whole answers as fast as the socket takes them, ${tokensPerChunk} ${plural} in each chunk of HTTP. ` +
      "The answers end at different speeds: compare the CPU for each token. " +
      "What is busy beside the relay tells whether readers or gateway held it up.",
    measures: [
      {
        name: "CPU per token",
        unit: "µs",
        decimals: 2,
        beside: { contender: "pipe", as: "ratio" },
      },
      { name: "tokens a second", unit: "thousand", decimals: 0 },
      { name: "readers busy", unit: "%", decimals: 0 },
      { name: "gateway busy", unit: "%", decimals: 0 },
    ],
    async run(lab, book) {
      await lab.upstream.follow({ tokens: tokensPerStream, tokensPerChunk, everyMs: 0 });
      await besidePeers(lab, book, {
        peers: lab.peers,
        async sample({ target, processId }) {
          const { result, cpuMicroseconds, loadPercent, upstreamPercent } = await spent(
            lab,
            processId,
            () =>
              lab.load.exhaust({
                target,
                streams,
                tokensPerStream,
                durationMs: lab.intensity.flatOutMs,
              }),
          );
          return {
            "CPU per token": cpuMicroseconds / result.tokens,
            "tokens a second": result.tokens / result.elapsedMs,
            "readers busy": loadPercent,
            "gateway busy": upstreamPercent,
          };
        },
      });
    },
  };
}
