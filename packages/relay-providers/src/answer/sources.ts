import type { SourceEvent, WrittenEvent } from "@gatestream/protocol";

type Cited = Omit<SourceEvent, "type" | "sourceId">;

/** The sources of one answer: each is told once. */
export class Sources {
  readonly #ids = new Set<string>();
  readonly #known = new Set<string>();
  #listed = 0;
  #nextId = 1;

  /** Takes a list that grows, and of which `[1]` in the text is the first. */
  list(all: readonly Cited[], batch: WrittenEvent[]): void {
    for (const cited of all.slice(this.#listed)) {
      this.#listed += 1;
      this.#push(String(this.#listed), cited, batch);
    }
  }

  /** Takes one that supports a part of the text, unless it is known. */
  add(cited: Cited, batch: WrittenEvent[]): void {
    const { url = "", documentId = "", from, to } = cited;
    if (this.#listed > 0 && this.#known.has(url)) return;
    const name = JSON.stringify([url, documentId, from, to]);
    if (this.#known.has(name)) return;
    this.#known.add(name);
    this.#push(this.#freeId(), cited, batch);
  }

  #push(wantedId: string, cited: Cited, batch: WrittenEvent[]): void {
    const sourceId = this.#ids.has(wantedId) ? this.#freeId() : wantedId;
    this.#ids.add(sourceId);
    if (cited.url !== undefined) this.#known.add(cited.url);
    batch.push({ type: "source", sourceId, ...cited });
  }

  #freeId(): string {
    while (this.#ids.has(String(this.#nextId))) this.#nextId += 1;
    return String(this.#nextId);
  }
}
