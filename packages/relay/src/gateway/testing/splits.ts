import * as fc from "fast-check";

/** Every way to cut `bytes` in two, and the one into single bytes. */
export function everySplit(bytes: Uint8Array): readonly (readonly Uint8Array[])[] {
  const inTwo = Array.from(bytes, (_, at) => [bytes.subarray(0, at), bytes.subarray(at)]);
  const inBytes = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  return [...inTwo, inBytes];
}

/** What is fed at once: chunks that arrive together, one item after the other. */
export type Arrivals = readonly (readonly Uint8Array[])[];

/** Any way to cut `bytes` into chunks, and any grouping of what arrives together. */
export function anySplit(bytes: Uint8Array): fc.Arbitrary<Arrivals> {
  const cut = fc.record({ at: fc.nat(bytes.length), isTogether: fc.boolean() });
  return fc.array(cut, { maxLength: 24 }).map((cuts) => {
    const arrivals: Uint8Array[][] = [[]];
    let start = 0;
    for (const { at, isTogether } of cuts.toSorted((one, other) => one.at - other.at)) {
      arrivals.at(-1)?.push(bytes.subarray(start, at));
      if (!isTogether) arrivals.push([]);
      start = at;
    }
    arrivals.at(-1)?.push(bytes.subarray(start));
    return arrivals;
  });
}

/** A text and any way in which its bytes may arrive. */
export function withAnySplit(text: fc.Arbitrary<string>) {
  return text.chain((whole) => {
    const bytes = Buffer.from(whole);
    return fc.record({ bytes: fc.constant(bytes), arrivals: anySplit(bytes) });
  });
}

/** Text of every kind: what models write, what breaks parsers, what needs several bytes. */
export const anyContent: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.constantFrom("", " ", "\n\n", "\r\n", '"}', "\\", "{", "é€👩‍🚀", "\uFEFF", "\u2028", "data: x"),
);

/** Bytes that look like what is expected, and bytes that do not. */
export function anyBytes(...familiar: readonly string[]): fc.Arbitrary<Uint8Array> {
  const piece = fc.oneof(
    fc.constantFrom(...familiar).map((text) => new Uint8Array(Buffer.from(text))),
    fc.uint8Array({ maxLength: 12 }),
  );
  return fc.array(piece, { maxLength: 40 }).map((pieces) => new Uint8Array(Buffer.concat(pieces)));
}
