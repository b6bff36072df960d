import { isObject } from "@gatestream/relay/parts";

/**
 * A chunk without the names that the SDK's parser refuses, and with them the rest of the answer: a
 * gateway may have them in its own events and in what it reports as usage, and a model in a call.
 */
export function acceptable<Chunk extends { readonly type: string }>(chunk: Chunk): Chunk {
  // Texts alone, and by far the most.
  if (chunk.type.endsWith("-delta")) return chunk;
  return JSON.parse(JSON.stringify(chunk), (name, value: unknown) =>
    isRefused(name, value) ? undefined : value,
  ) as Chunk;
}

function isRefused(name: string, value: unknown): boolean {
  if (name === "__proto__") return true;
  return name === "constructor" && isObject(value) && Object.hasOwn(value, "prototype");
}
