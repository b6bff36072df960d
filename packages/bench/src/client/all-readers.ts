/** A way for a page to read an answer: `readers/<file>.ts`. */
export interface ClientReader {
  readonly name: string;
  readonly file: string;
  readonly whyNotInNode?: string;
}

export const allReaders: readonly ClientReader[] = [
  { name: "bare fetch", file: "bare-fetch" },
  { name: "gatestream", file: "gatestream" },
  {
    name: "fetch-event-source",
    file: "fetch-event-source",
    whyNotInNode: "it needs a window",
  },
  { name: "eventsource-client", file: "eventsource-client" },
  { name: "EventSource", file: "event-source", whyNotInNode: "Node has none" },
  { name: "ai-sdk", file: "ai-sdk" },
];

/** The built file of a reader, beside this one's. */
export function readerUrl({ file }: Pick<ClientReader, "file">): URL {
  return new URL(`./reader-${file}.js`, import.meta.url);
}
