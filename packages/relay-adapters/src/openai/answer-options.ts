import { isObject } from "@gatestream/relay/parts";

export type Fields = Readonly<Record<string, unknown>>;

/** What an operator who does not allow it does not let decide; everything else is refused by its name. */
const hints = ["temperature", "seed"];

/** A request's `options`, where it has any. */
export function givenOptions(options: Fields, allowedOptions: readonly string[]): object {
  const given = Object.entries(options).filter(
    ([name, value]) =>
      value !== undefined && !(hints.includes(name) && !allowedOptions.includes(name)),
  );
  return given.length === 0 ? {} : { options: Object.fromEntries(given) };
}

/** A function as both APIs describe it. */
export function toolOf({ name, description, parameters }: Fields): object {
  return {
    name,
    ...(typeof description === "string" && { description }),
    ...(isObject(parameters) && { parameters }),
  };
}

/** `json_object`, or a `json_schema` whose fields are in `described`; undefined for text. */
export function responseFormatOf(type: unknown, described: unknown): object | undefined {
  if (type === "json_object") return { type: "json" };
  if (type !== "json_schema" || !isObject(described)) return undefined;
  return { type: "json", schema: described["schema"], name: described["name"] };
}

/** An image at an address, or in a `data:` URL. */
export function imageOf(url: string): object {
  const [, mediaType, data] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? [];
  return data === undefined ? { type: "image", url } : { type: "image", data, mediaType };
}
