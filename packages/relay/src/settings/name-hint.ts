/** How many letters of a misspelt name may be wrong, missing or too many. */
const maxDistance = 2;

/** " did you mean …?", where a known name is near. */
export function hint(name: string, known: Iterable<string>): string {
  const near = nearMiss(name, known);
  return near === undefined ? "." : `: did you mean ${near}?`;
}

/** The known name that `name` is probably meant to be: at most two letters differ. */
export function nearMiss(name: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let least = maxDistance + 1;
  for (const candidate of known) {
    const distance = editDistance(name, candidate);
    if (distance >= least) continue;
    nearest = candidate;
    least = distance;
  }
  return nearest;
}

/** The Levenshtein distance, row by row. */
function editDistance(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > maxDistance) return maxDistance + 1;
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...left].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...right].entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      const removed = (previous[column + 1] ?? 0) + 1;
      const added = (current[column] ?? 0) + 1;
      current.push(Math.min(replaced, removed, added));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
