/** A body as the upstream's connection gives it: each item is what arrived together. */
export async function* pieces(
  ...items: readonly (string | readonly string[])[]
): AsyncGenerator<readonly Uint8Array[]> {
  for (const item of items) yield [item].flat().map((text) => Buffer.from(text));
}

export interface Reading<Item> {
  readonly items: readonly Item[];
  /** What the loop threw; undefined when it ended by itself. */
  readonly failure: unknown;
}

/** Reads to the end, or to the failure and what came before it. */
export async function readAll<Item>(source: AsyncIterable<Item>): Promise<Reading<Item>> {
  const items: Item[] = [];
  try {
    for await (const item of source) items.push(item);
    return { items, failure: undefined };
  } catch (failure) {
    return { items, failure };
  }
}
