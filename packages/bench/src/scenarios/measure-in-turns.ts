import type { FigureBook, Samples } from "../figures.ts";
import type { Lab } from "../lab.ts";
import { inTurns, type Rounds } from "../measuring/in-turns.ts";

export interface Turns<Contender> {
  readonly contenders: readonly Contender[];
  readonly sample: (contender: Contender) => Promise<Samples>;
  /** @defaultValue the lab's */
  readonly rounds?: Rounds;
}

/** Records the samples of contenders in turns. A failure is reported once; that contender is then skipped. */
export async function measureInTurns<Contender extends { readonly name: string }>(
  lab: Lab,
  book: FigureBook,
  { contenders, sample, rounds = lab.intensity }: Turns<Contender>,
): Promise<void> {
  const failed = new Set<Contender>();
  await inTurns(contenders, rounds, async (contender, isCounted) => {
    if (failed.has(contender)) return;
    const { name } = contender;
    lab.log(`  ${name}`);
    try {
      const samples = await sample(contender);
      if (isCounted) book.note(name, samples);
    } catch (problem) {
      failed.add(contender);
      lab.log(`  ${name} failed: ${String(problem)}`);
      const [why = ""] = String(problem).split("\n");
      book.noteAbsence(name, why);
    }
  });
}
