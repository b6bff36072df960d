export interface Contender {
  readonly name: string;
  /** What it is measured at; contenders of one scenario are compared. */
  readonly scenario: string;
  /** How much one run does, such as bytes. */
  readonly units: number;
  readonly run: () => Promise<void>;
}

/** CPU nanoseconds for each unit, over the rounds. */
export interface Figure {
  readonly name: string;
  readonly scenario: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** A round of one contender lasts at least this long, so that the clock's grain does not show. */
const roundMs = 100;

/** Measures A B C A B C, so that whatever else the machine does falls on all of them. */
export async function measureInTurns(
  contenders: readonly Contender[],
  { rounds }: { readonly rounds: number },
): Promise<Figure[]> {
  const samples = contenders.map((contender) => ({ contender, perUnit: [] as number[] }));
  // The first round warms up and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    for (const { contender, perUnit } of samples) {
      const nanoseconds = await cpuPerUnit(contender);
      if (round > 0) perUnit.push(nanoseconds);
    }
  }
  return samples.map(({ contender: { name, scenario }, perUnit }) => {
    const sorted = perUnit.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
    return { name, scenario, median, min: sorted[0] ?? median, max: sorted.at(-1) ?? median };
  });
}

/** The operating system's account of this process: user and system time. */
async function cpuPerUnit({ run, units }: Contender): Promise<number> {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  let runs = 0;
  while (performance.now() - startedAt < roundMs) {
    await run();
    runs += 1;
  }
  const { user, system } = process.cpuUsage(cpu);
  return ((user + system) * 1000) / (runs * units);
}
