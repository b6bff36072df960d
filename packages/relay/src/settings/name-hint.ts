/** How many letters of a misspelt name may be wrong, missing or too many. */
const maxEdits = 2;

/** " did you mean …?", where a known name is near. */
export function hint(name: string, known: Iterable<string>): string {
  const near = nearMiss(name, known);
  return near === undefined ? "." : `: did you mean ${near}?`;
}

/** The known name that `name` is probably meant to be: at most two letters differ. */
export function nearMiss(name: string, known: Iterable<string>): string | undefined {
  for (let edits = 0; edits <= maxEdits; edits += 1) {
    for (const candidate of known) if (isWithin(edits, name, candidate)) return candidate;
  }
  return undefined;
}

function isWithin(edits: number, left: string, right: string): boolean {
  if (left === right) return true;
  if (edits === 0) return false;
  let same = 0;
  while (left[same] !== undefined && left[same] === right[same]) same += 1;
  const [rest, other] = [left.slice(same), right.slice(same)];
  return (
    isWithin(edits - 1, rest.slice(1), other.slice(1)) ||
    isWithin(edits - 1, rest.slice(1), other) ||
    isWithin(edits - 1, rest, other.slice(1))
  );
}
