import type { OutgoingHttpHeaders } from "node:http";

import type { Exchange } from "../http/exchange.ts";
import type { ResponseWriter } from "../http/response-writer.ts";

/** Answers that continue after their request was aborted, by id. */
export interface Background {
  /** A writer in place of `asker`, whose peer may disconnect. */
  begin(id: string, asker: ResponseWriter): ResponseWriter;
  /**
   * Sends the events after this sequence number, then new ones;
   * resolves at its end. False where there is no such answer.
   */
  follow(id: string, after: number, exchange: Exchange): Promise<boolean>;
  /** Ends an answer where it is; false where there is no such answer. */
  cancel(id: string): boolean;
  /** Ends and forgets all. */
  forget(): void;
}

export function createBackground(): Background {
  const answers = new Map<string, BackgroundAnswer>();
  return {
    begin(id, asker) {
      const answer = new BackgroundAnswer(asker);
      answers.set(id, answer);
      return answer;
    },
    async follow(id, after, { writer }) {
      const answer = answers.get(id);
      if (answer === undefined) return false;
      await answer.follow(after, writer);
      return true;
    },
    cancel(id) {
      answers.get(id)?.stop();
      return answers.has(id);
    },
    forget() {
      for (const answer of answers.values()) answer.stop();
      answers.clear();
    },
  };
}

class BackgroundAnswer implements ResponseWriter {
  readonly #over = new AbortController();
  readonly #readers = new Set<ResponseWriter>();
  #head: Parameters<ResponseWriter["head"]> | undefined;
  #text = "";

  constructor(asker: ResponseWriter) {
    this.#add(asker);
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  isComplete(): boolean {
    return this.#over.signal.aborted;
  }

  head(status: number, headers: OutgoingHttpHeaders): void {
    this.#over.signal.throwIfAborted();
    this.#head = [status, headers];
    for (const reader of this.#readers) reader.head(status, headers);
  }

  async write(piece: string | Uint8Array): Promise<void> {
    this.#over.signal.throwIfAborted();
    this.#text += typeof piece === "string" ? piece : Buffer.from(piece).toString("latin1");
    // One who leaves meanwhile is no matter.
    await Promise.all([...this.#readers].map((reader) => reader.write(piece).catch(() => {})));
  }

  end(lastPiece?: string): void {
    if (lastPiece !== undefined) this.#text += lastPiece;
    for (const reader of this.#readers) reader.end(lastPiece);
    this.#over.abort();
  }

  async cut(): Promise<void> {
    await Promise.all([...this.#readers].map((reader) => reader.cut().catch(() => {})));
    this.#over.abort();
  }

  stop(): void {
    if (!this.#over.signal.aborted) this.end();
  }

  async follow(after: number, reader: ResponseWriter): Promise<void> {
    const [status = 200, headers = {}] = this.#head ?? [];
    reader.head(status, headers);
    await reader.write(textAfter(after, this.#text));
    if (this.#over.signal.aborted) {
      reader.end();
      return;
    }
    this.#add(reader);
    await new Promise<void>((resolve) => {
      for (const signal of [this.over, reader.over]) {
        signal.addEventListener("abort", () => resolve(), { once: true });
      }
    });
  }

  #add(reader: ResponseWriter): void {
    this.#readers.add(reader);
    reader.over.addEventListener("abort", () => this.#readers.delete(reader), { once: true });
  }
}

/** The events of a sequence number above `after`, and what has begun of the next. */
function textAfter(after: number, text: string): string {
  if (after < 0) return text;
  const blocks = text.split(/(?<=\n\n)/);
  return blocks
    .filter((block) => {
      const number = /"sequence_number":(\d+)/.exec(block)?.[1];
      return number === undefined || Number(number) > after;
    })
    .join("");
}
