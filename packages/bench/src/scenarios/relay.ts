import { setTimeout as sleep } from "node:timers/promises";
import type { Lab, RunningPeer } from "../lab.ts";
import { residentBytes } from "../measuring.ts";
import { exhaust } from "../load/exhaust.ts";
import { besidePeers, type Measure, type Scenario } from "../scenario.ts";

const milliseconds = { unit: "ms", decimals: 2 };

/** How busy the one process is that is gateway and readers. */
export const measuringBusy = { name: "measuring busy", unit: "%", decimals: 0 };

export const pacedMeasures = (beside: string): Measure[] => [
  { name: "CPU per token", unit: "µs", decimals: 1, beside },
  { name: "latency p50", ...milliseconds, beside },
  { name: "latency p99", ...milliseconds, beside },
  { name: "first token p50", ...milliseconds, beside },
  { name: "first token p99", ...milliseconds, beside },
  measuringBusy,
];

/** Opens 100 streams, listens to them for a while, and leaves. */
export async function samplePacedStreams(lab: Lab, peer: RunningPeer) {
  const { target } = peer;
  lab.gateway.follow({ tokens: 0, tokensPerChunk: 1, everyMs: 20 });
  const firstToken = await lab.streams.open({ target, streams: 100, staggerMs: 5 });
  const { result, cpuMicroseconds, measuringPercent } = await lab.spend(peer, () =>
    lab.streams.listen(4_000),
  );
  lab.streams.leave();
  return {
    "CPU per token": cpuMicroseconds / result.tokens,
    "latency p50": result.latencyMs.p50,
    "latency p99": result.latencyMs.p99,
    "first token p50": firstToken.p50,
    "first token p99": firstToken.p99,
    [measuringBusy.name]: measuringPercent,
  };
}

/** How answers really come. */
export const paced: Scenario = {
  name: "paced",
  title: "100 streams of 50 tokens a second",
  explanation:
    "Every token says when the gateway sent it, and the reader looks at the same clock: latency is from the one to the other, " +
    "and what direct shows is the machine's own. The first token is timed from connecting. " +
    "CPU is counted while all streams run, after the last one has begun.",
  measures: pacedMeasures("pipe"),
  ...besidePeers(samplePacedStreams),
};

/** How much CPU a token costs when the gateway sends all it has at once. */
export function flatOut(tokensPerChunk: number): Scenario {
  const tokensPerStream = 500;
  const chunk = tokensPerChunk === 1 ? "1 token" : `${tokensPerChunk} tokens`;
  return {
    name: `flat-out-${tokensPerChunk}`,
    title: `Flat out, ${chunk} a chunk`,
    explanation:
      `50 readers at once, each of which asks again when its answer of ${tokensPerStream} tokens has ended. ` +
      `The gateway sends whole answers as fast as the socket takes them, ${chunk} in each chunk of HTTP. ` +
      "The answers end at different speeds: compare the CPU for each token. " +
      "What is busy beside the relay tells whether readers and gateway held it up.",
    measures: [
      { name: "CPU per token", unit: "µs", decimals: 2, beside: "pipe" },
      { name: "tokens a second", unit: "thousand", decimals: 0 },
      measuringBusy,
    ],
    ...besidePeers(async (lab, peer) => {
      lab.gateway.follow({ tokens: tokensPerStream, tokensPerChunk, everyMs: 0 });
      const options = { target: peer.target, streams: 50, tokensPerStream, durationMs: 1_500 };
      const spent = await lab.spend(peer, () => exhaust(options));
      return {
        "CPU per token": spent.cpuMicroseconds / spent.result.tokens,
        "tokens a second": spent.result.tokens / spent.result.elapsedMs,
        [measuringBusy.name]: spent.measuringPercent,
      };
    }),
  };
}

/** What an answer costs apart from its tokens: limits, ids, records, and the connections' own. */
export const shortAnswers: Scenario = {
  name: "short-answers",
  title: "Answers of one token",
  explanation:
    "50 readers, each of which asks again at once: what a stream costs before and after its tokens.",
  measures: [
    { name: "CPU per answer", unit: "µs", decimals: 0, beside: "pipe" },
    { name: "from asking to the end, p50", unit: "ms", decimals: 1 },
    measuringBusy,
  ],
  ...besidePeers(async (lab, peer) => {
    lab.gateway.follow({ tokens: 1, tokensPerChunk: 1, everyMs: 0 });
    const options = { target: peer.target, streams: 50, tokensPerStream: 1, durationMs: 1_500 };
    const spent = await lab.spend(peer, () => exhaust(options));
    return {
      "CPU per answer": spent.cpuMicroseconds / spent.result.answers,
      "from asking to the end, p50": spent.result.answerMs.p50,
      [measuringBusy.name]: spent.measuringPercent,
    };
  }),
};

/** What a stream that is open and silent holds. */
export const memory: Scenario = {
  name: "memory",
  title: "Memory of open streams",
  explanation:
    "A fresh process, one answer, then streams that fall silent after their first token. " +
    "What is resident then, less what was before, for each stream.",
  measures: [
    { name: "at rest", unit: "MiB", decimals: 0 },
    { name: "2000 open", unit: "KiB a stream", decimals: 1, beside: "pipe" },
  ],
  ...besidePeers(async (lab, { target, process }) => {
    if (process === undefined) return {};
    lab.gateway.follow({ tokens: 10, tokensPerChunk: 1, everyMs: 0 });
    await exhaust({ target, streams: 1, durationMs: 0, tokensPerStream: 10 });
    lab.gateway.follow({ tokens: 0, tokensPerChunk: 1, everyMs: Infinity });
    await sleep(3_000);
    const atRest = await residentBytes(process.id);
    await lab.streams.open({ target, streams: 2_000, staggerMs: 0 });
    await sleep(3_000);
    const open = await residentBytes(process.id);
    return { "at rest": atRest / 2 ** 20, "2000 open": (open - atRest) / 2_000 / 2 ** 10 };
  }, true),
};

/** Whether answers without a reader are still billed. */
export const leaving: Scenario = {
  name: "leaving",
  title: "200 readers leave at once",
  explanation:
    "In the middle of their answers, ten tokens a second without an end. A gateway goes on answering, and billing, until its own connection is closed.",
  measures: [
    { name: "answers left after a second", unit: "", decimals: 0 },
    { name: "last one gone after", unit: "ms", decimals: 0 },
  ],
  ...besidePeers(
    async (lab, { target }) => {
      lab.gateway.follow({ tokens: 0, tokensPerChunk: 1, everyMs: 100 });
      await lab.streams.open({ target, streams: 200, staggerMs: 1 });
      const leftAt = performance.now();
      lab.streams.leave();
      await sleep(1_000);
      const account = lab.gateway.account();
      const left = account.answersBegun - account.leftAtMs.length;
      return {
        "answers left after a second": left,
        "last one gone after": left > 0 ? Number.NaN : Math.max(...account.leftAtMs) - leftAt,
      };
    },
    // Answers that were left behind would be in the next round's way.
    true,
  ),
};

/** Whether a relay keeps in memory what its readers do not take. */
export const stalledReaders: Scenario = {
  name: "stalled-readers",
  title: "20 readers stop reading",
  explanation:
    "The gateway has 50 MB for each of them and sends as fast as it is let. " +
    "How much a process that has just relayed as many answers to their ends grows at most: what readers do not take stays with the gateway, or in memory.",
  measures: [{ name: "growth", unit: "MiB", decimals: 1 }],
  ...besidePeers(async (lab, { target, process }) => {
    if (process === undefined) return {};
    // A used heap is larger than a new one, with any reader.
    const streams = 20;
    const tokensPerStream = 500;
    lab.gateway.follow({ tokens: tokensPerStream, tokensPerChunk: 10, everyMs: 0 });
    await exhaust({ target, streams, durationMs: 1_500, tokensPerStream });
    // A token takes 47 bytes, with everything around it.
    lab.gateway.follow({ tokens: Math.round(50e6 / 47), tokensPerChunk: 10, everyMs: 0 });
    const before = await residentBytes(process.id);
    await lab.streams.openWithoutReading({ target, streams });
    const until = performance.now() + 4_000;
    let most = before;
    while (performance.now() < until) {
      most = Math.max(most, await residentBytes(process.id));
      await sleep(50);
    }
    return { growth: (most - before) / 2 ** 20 };
  }, true),
};
