import type { Figure } from "../figures.ts";
import { summarise } from "../measuring/statistics.ts";
import { samplesOf } from "./results.ts";

/** What gatestream set out to reach, in medians. */
export interface Target {
  readonly text: string;
  readonly scenario: string;
  readonly measure: string;
  /** What is held against `atMost`: the figure, or what it is beside the least of `others`. */
  readonly as: "value" | "ratio" | "difference";
  readonly others?: readonly string[];
  readonly atMost: number;
  readonly unit: string;
}

const ofPipe = { as: "ratio", others: ["pipe"], unit: "×" } as const;

export const targets: readonly Target[] = [
  {
    text: "100 streams of 50 tokens a second: CPU per token at most 1.2 × pipe",
    scenario: "paced",
    measure: "CPU per token",
    ...ofPipe,
    atMost: 1.2,
  },
  {
    text: "flat out, 1 token a chunk: CPU per token at most 1.3 × pipe",
    scenario: "flat-out-1",
    measure: "CPU per token",
    ...ofPipe,
    atMost: 1.3,
  },
  {
    text: "flat out, 10 tokens a chunk: CPU per token at most 1.5 × pipe",
    scenario: "flat-out-10",
    measure: "CPU per token",
    ...ofPipe,
    atMost: 1.5,
  },
  {
    text: "latency p50 at most 0.1 ms above pipe's",
    scenario: "paced",
    measure: "latency p50",
    as: "difference",
    others: ["pipe"],
    atMost: 0.1,
    unit: "ms",
  },
  {
    text: "first token p50 at most 1.5 ms above direct",
    scenario: "paced",
    measure: "first token p50",
    as: "difference",
    others: ["direct"],
    atMost: 1.5,
    unit: "ms",
  },
  {
    text: "memory of a stream, 2,000 open: at most 1.3 × pipe",
    scenario: "memory",
    measure: "2000 open",
    ...ofPipe,
    atMost: 1.3,
  },
  {
    text: "20 readers stop reading: growth of at most 32 MiB",
    scenario: "stalled-readers",
    measure: "growth",
    as: "value",
    atMost: 32,
    unit: "MiB",
  },
  {
    text: "200 readers leave: no answer left after 100 ms",
    scenario: "leaving",
    measure: "answers left after 100 ms",
    as: "value",
    atMost: 0,
    unit: "left",
  },
  {
    text: "20,000 tokens in Chromium: no more main thread than the cheapest other client",
    scenario: "client-chromium",
    measure: "main thread",
    as: "ratio",
    others: ["fetch-event-source", "eventsource-client", "EventSource", "ai-sdk"],
    atMost: 1,
    unit: "×",
  },
];

export interface Verdict {
  readonly measured: number;
  readonly isMet: boolean;
}

/** Undefined when the run has not measured it. */
export function judge(target: Target, figures: readonly Figure[]): Verdict | undefined {
  const medianOf = (contender: string): number =>
    summarise(samplesOf({ figures }, { ...target, contender })).median;
  const own = medianOf("gatestream");
  const others = (target.others ?? []).map(medianOf).filter(Number.isFinite);
  const measured = beside(target.as, own, Math.min(...others));
  if (!Number.isFinite(measured)) return undefined;
  return { measured, isMet: measured <= target.atMost };
}

function beside(as: Target["as"], own: number, other: number): number {
  if (as === "value") return own;
  // Nothing to be compared with.
  if (other === Number.POSITIVE_INFINITY) return Number.NaN;
  return as === "ratio" ? own / other : own - other;
}
