import { isObject } from "@gatestream/relay/parts";

/** What an upstream sent: nothing in it is known to be there. */
export type Fields = Readonly<Record<string, unknown>>;

export function objectIn(fields: Fields | undefined, name: string): Fields | undefined {
  const value = fields?.[name];
  return isObject(value) ? value : undefined;
}

/** The objects of a list; none where it is no list. */
export function objectsIn(fields: Fields | undefined, name: string): readonly Fields[] {
  const value = fields?.[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** A text; empty where it is none. */
export function textIn(fields: Fields | undefined, name: string): string {
  const value = fields?.[name];
  return typeof value === "string" ? value : "";
}

/** The fields of a source that are told: texts that are not empty, and its place as two numbers. */
export function citedIn(
  told: Readonly<Partial<Record<"url" | "title" | "documentId" | "from" | "to", unknown>>>,
) {
  const { from, to } = told;
  const isPlaced = Number.isSafeInteger(from) && Number.isSafeInteger(to);
  const texts = (["url", "title", "documentId"] as const)
    .filter((name) => typeof told[name] === "string" && told[name] !== "")
    .map((name) => [name, told[name]]);
  return { ...Object.fromEntries(texts), ...(isPlaced && { from: Number(from), to: Number(to) }) };
}

/** A `data:` URL in base64 as a file; undefined where it is something else. */
export function fileOf(url: string) {
  // Not one pattern over the whole: the data is long.
  const [, mediaType] = /^data:([\w.+-]+\/[\w.+-]+);base64,/.exec(url) ?? [];
  if (mediaType === undefined) return undefined;
  return { type: "file", mediaType, data: url.slice(url.indexOf(",") + 1) } as const;
}
