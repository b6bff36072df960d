import { messages, requestText } from "../load/target.ts";
import type { Lab, RunningPeer } from "../lab.ts";
import { cpuNanoseconds } from "../measuring/process-usage.ts";
import { gatestream, gatestreamInMemory, gatestreamInRedis } from "../peers/gatestream.ts";
import { streamPath } from "../peers/peer.ts";
import type { Scenario } from "../scenario.ts";
import { besidePeers } from "./beside-peers.ts";
import {
  pacedMeasures,
  pacedStreams,
  samplePacedStreams,
  tokensPerSecond,
} from "./paced-streams.ts";

const missedTokens = 500;

/** The cost of resumable streams. */
export const resuming: Scenario = {
  name: "resuming",
  title: "Streams that can be resumed",
  explanation:
    `${pacedStreams} streams of ${tokensPerSecond} tokens a second, kept for readers who come back; then one reader after the other who catches up on ` +
    `${missedTokens} events, from asking to the last of them. Redis runs beside what measures, and its CPU is counted from the first stream's beginning.`,
  measures: [
    ...pacedMeasures({ cpuBeside: gatestream.name, latencyBeside: gatestream.name }),
    { name: "CPU of Redis", unit: "ms", decimals: 0 },
    { name: "catching up p50", unit: "ms", decimals: 2 },
    { name: "catching up p99", unit: "ms", decimals: 2 },
  ],
  run: (lab, book) =>
    besidePeers(lab, book, {
      peers: [gatestream, gatestreamInMemory, gatestreamInRedis],
      async sample(peer) {
        if (peer.name === gatestream.name) return samplePacedStreams(lab, peer);
        const redisCpu = await cpuOfRedis(lab, peer);
        const samples = await samplePacedStreams(lab, peer);
        const redisCpuAfter = await cpuOfRedis(lab, peer);
        return {
          ...samples,
          ...(redisCpuAfter > 0 && { "CPU of Redis": (redisCpuAfter - redisCpu) / 1e6 }),
          ...(await catchUp(lab, peer.target.port)),
        };
      },
    }),
};

/** In nanoseconds; 0 for a peer that has none. */
async function cpuOfRedis(lab: Lab, { name }: RunningPeer): Promise<number> {
  if (name !== gatestreamInRedis.name) return 0;
  return cpuNanoseconds((await lab.redis()).processId);
}

/** Reads a stream that has ended from its first event, again and again. */
async function catchUp(lab: Lab, port: number) {
  await lab.upstream.follow({ tokens: missedTokens, tokensPerChunk: 1, everyMs: 0 });
  const response = await fetch(`http://127.0.0.1:${port}${streamPath}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ configurationId: "bench", messages, onDisconnect: "detach" }),
  });
  await response.text();
  const streamId = response.headers.get("x-stream-id") ?? "";
  const { answerMs } = await lab.load.exhaust({
    target: { port, request: requestText({ method: "GET", path: `${streamPath}/${streamId}` }) },
    streams: 1,
    durationMs: lab.intensity.catchUpMs,
    tokensPerStream: missedTokens,
  });
  return { "catching up p50": answerMs.p50, "catching up p99": answerMs.p99 };
}
