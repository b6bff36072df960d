import type { Lab, RunningPeer } from "../lab.ts";
import { requestText } from "../load/connection.ts";
import { exhaust } from "../load/exhaust.ts";
import { cpuMicroseconds } from "../measuring.ts";
import {
  gatestream,
  gatestreamInMemory,
  gatestreamInRedis,
  gatestreamOverWebSocket,
  gatestreamWithFullLog,
  maxTotalLogBytes,
  streamBody,
  streamPath,
} from "../peers.ts";
import { peerContender, type Scenario } from "../scenario.ts";
import { measuringBusy, pacedMeasures, samplePacedStreams } from "./relay.ts";

const missedTokens = 500;

/** The cost of resumable streams. */
export const resuming: Scenario = {
  name: "resuming",
  title: "Streams that can be resumed",
  explanation:
    "100 streams of 50 tokens a second, kept for readers who come back; then one reader after the other who catches up on " +
    `${missedTokens} events, from asking to the last of them. Redis runs beside what measures, and its CPU is counted from the first stream's beginning.`,
  measures: [
    ...pacedMeasures(gatestream.name),
    { name: "CPU of Redis", unit: "ms", decimals: 0 },
    { name: "catching up p50", unit: "ms", decimals: 2 },
    { name: "catching up p99", unit: "ms", decimals: 2 },
  ],
  contenders: (lab) => [
    peerContender(lab, gatestream, samplePacedStreams),
    peerContender(lab, gatestreamInMemory, sampleResuming),
    peerContender(lab, gatestreamInRedis, sampleResumingFromRedis),
  ],
};

async function sampleResuming(lab: Lab, peer: RunningPeer) {
  const paced = await samplePacedStreams(lab, peer);
  lab.gateway.follow({ tokens: missedTokens, tokensPerChunk: 1, everyMs: 0 });
  const { response, target } = await startStream(peer);
  await response.text();
  const { answerMs } = await exhaust({
    target,
    streams: 1,
    // A caller may look up 10,000 streams a minute, in all rounds together.
    durationMs: 200,
    tokensPerStream: missedTokens,
  });
  return { ...paced, "catching up p50": answerMs.p50, "catching up p99": answerMs.p99 };
}

async function sampleResumingFromRedis(lab: Lab, peer: RunningPeer) {
  const redis = await lab.startRedis();
  const before = await cpuMicroseconds(redis.id);
  const samples = await sampleResuming(lab, peer);
  return { ...samples, "CPU of Redis": ((await cpuMicroseconds(redis.id)) - before) / 1e3 };
}

/** Starts a stream that is kept. */
async function startStream({ target: { port } }: RunningPeer) {
  const origin = `http://127.0.0.1:${port}`;
  const response = await fetch(`${origin}${streamPath}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...streamBody, onDisconnect: "detach" }),
  });
  const path = `${streamPath}/${response.headers.get("x-stream-id")}` as const;
  return {
    response,
    url: `${origin}${path}`,
    /** For other readers. */
    target: { port, request: requestText(`GET ${path}`) },
  };
}

/** The same events, over the relay's other way to a reader. */
export const webSocket: Scenario = {
  name: "web-socket",
  title: "WebSocket beside Server-Sent Events",
  explanation: "100 streams of 50 tokens a second again, each on a socket of its own.",
  measures: pacedMeasures(gatestream.name),
  contenders: (lab) =>
    [gatestream, gatestreamOverWebSocket].map((peer) =>
      peerContender(lab, peer, samplePacedStreams),
    ),
};

export const directPath = "direct path, 100 streams";

/** What another reader costs who is level with the stream. */
export const manyReaders: Scenario = {
  name: "many-readers",
  title: "1,000 readers of one stream",
  explanation:
    "A stream of 20 tokens a second that is kept in memory, with 1,000 readers who have all of it so far; beside the relay's own direct path, " +
    "which is 100 streams of 50 tokens a second that are not kept and have a reader each.",
  measures: [
    { name: "CPU per token and reader", unit: "µs", decimals: 1, beside: directPath },
    { name: "latency p50", unit: "ms", decimals: 2 },
    { name: "latency p99", unit: "ms", decimals: 2 },
    measuringBusy,
  ],
  contenders: (lab) => [
    peerContender(lab, { ...gatestream, name: directPath }, async (_, peer) => {
      const sample = await samplePacedStreams(lab, peer);
      return { ...sample, "CPU per token and reader": sample["CPU per token"] };
    }),
    peerContender(lab, { ...gatestreamInMemory, name: gatestream.name }, sampleLevelReaders),
  ],
};

async function sampleLevelReaders(lab: Lab, peer: RunningPeer) {
  lab.gateway.follow({ tokens: 0, tokensPerChunk: 1, everyMs: 50 });
  const { response, target } = await startStream(peer);
  await lab.streams.open({ target, streams: 1_000, staggerMs: 0 });
  // The stream goes on for the others.
  await response.body?.cancel();
  const { result, ...spent } = await lab.spend(peer, () => lab.streams.listen(4_000));
  return {
    "CPU per token and reader": spent.cpuMicroseconds / result.tokens,
    "latency p50": result.latencyMs.p50,
    "latency p99": result.latencyMs.p99,
    [measuringBusy.name]: spent.measuringPercent,
  };
}

/** Whether the bound of what is kept in memory is one of memory. */
export const keptHeap: Scenario = {
  name: "kept-heap",
  title: "What kept streams hold",
  explanation:
    `Answers of ${missedTokens} tokens are kept until the oldest have to go: then \`maxTotalLogBytes\` (${maxTotalLogBytes / 2 ** 20} MiB) counts as much as it allows. ` +
    "What the relay's heap and buffers hold then, garbage collected, less what they held before.",
  measures: [{ name: "heap per byte counted", unit: "", decimals: 2 }],
  isFresh: true,
  contenders: (lab) => [peerContender(lab, gatestreamWithFullLog, sampleKeptHeap, true)],
};

async function sampleKeptHeap(lab: Lab, peer: RunningPeer) {
  if (peer.process === undefined) return {};
  lab.gateway.follow({ tokens: missedTokens, tokensPerChunk: 1, everyMs: 0 });
  const oldest = await startStream(peer);
  await oldest.response.text();
  const before = await peer.process.ask<number>({});
  const options = { target: peer.target, streams: 50, tokensPerStream: missedTokens };
  while (await isKept(oldest.url)) await exhaust({ ...options, durationMs: 200 });
  const held = (await peer.process.ask<number>({})) - before;
  return { "heap per byte counted": held / maxTotalLogBytes };
}

async function isKept(streamUrl: string): Promise<boolean> {
  const response = await fetch(streamUrl);
  await response.body?.cancel();
  return response.ok;
}
