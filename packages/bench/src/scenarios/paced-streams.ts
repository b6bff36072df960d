import type { Measure } from "../figures.ts";
import type { Lab, RunningPeer } from "../lab.ts";
import { spent } from "./spent.ts";

export const pacedStreams = 100;
export const pacedEveryMs = 20;
export const tokensPerSecond = 1_000 / pacedEveryMs;

/** Whom the others' figures are held against. */
export interface PacedReferences {
  readonly cpuBeside: string;
  readonly latencyBeside: string;
}

export function pacedMeasures({ cpuBeside, latencyBeside }: PacedReferences): Measure[] {
  const ratio = { contender: cpuBeside, as: "ratio" } as const;
  const added = { contender: latencyBeside, as: "difference" } as const;
  return [
    { name: "CPU per token", unit: "µs", decimals: 1, beside: ratio },
    { name: "latency p50", unit: "ms", decimals: 3, beside: added },
    { name: "latency p99", unit: "ms", decimals: 3, beside: added },
    { name: "first token p50", unit: "ms", decimals: 2, beside: added },
    { name: "first token p99", unit: "ms", decimals: 2, beside: added },
    { name: "readers busy", unit: "%", decimals: 0 },
  ];
}

const betweenBeginningsMs = 5;

/** Opens streams, listens to them for a while, and leaves. */
export async function samplePacedStreams(lab: Lab, { target, processId }: RunningPeer) {
  await lab.upstream.follow({ tokens: 0, tokensPerChunk: 1, everyMs: pacedEveryMs });
  const firstToken = await lab.load.open({
    target,
    streams: pacedStreams,
    staggerMs: betweenBeginningsMs,
  });
  const { result, cpuMicroseconds, loadPercent } = await spent(lab, processId, () =>
    lab.load.listen(lab.intensity.pacedMs),
  );
  await lab.load.leave();
  return {
    "CPU per token": cpuMicroseconds / result.tokens,
    "latency p50": result.latencyMs.p50,
    "latency p99": result.latencyMs.p99,
    "first token p50": firstToken.p50,
    "first token p99": firstToken.p99,
    "readers busy": loadPercent,
  };
}
