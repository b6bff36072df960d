import { parseArgs } from "node:util";

/** The parsed arguments of `pnpm bench`. */
export interface BenchArguments {
  /** Names of scenarios; all when there are none. */
  readonly only: readonly string[];
  /** Names of peers; all when there are none. */
  readonly peers: readonly string[];
  readonly rounds: number | undefined;
  readonly isQuick: boolean;
  /** The folder of performance.md, .svg and .json. */
  readonly output: string | undefined;
  /** An earlier performance.json. */
  readonly compare: string | undefined;
}

export const help = `pnpm bench [options]

  --only a,b        scenarios; all without it
  --peers a,b       peers; all without it
  --rounds n        how often each is measured
  --quick           short and once, to see that everything runs; its figures mean little
  --output folder   where performance.md, .svg and .json go; docs/ without it
  --compare file    an earlier performance.json: says what has changed
`;

/** @throws Error naming an option that is not known or does not fit. */
export function readArguments(args: readonly string[]): BenchArguments {
  const { values } = parseArgs({
    // pnpm passes on the "--" that separates its own options.
    args: args.filter((argument) => argument !== "--"),
    options: {
      only: { type: "string" },
      peers: { type: "string" },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      output: { type: "string" },
      compare: { type: "string" },
    },
  });
  const { only, peers, rounds, quick, output, compare } = values;
  return {
    only: names(only),
    peers: names(peers),
    rounds: rounds === undefined ? undefined : positiveCount(rounds),
    isQuick: quick,
    output,
    compare,
  };
}

function names(list: string | undefined): string[] {
  return (list ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
}

function positiveCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) {
    throw new Error(`--rounds (${text}) must be a whole number from 1.`);
  }
  return count;
}
