import { readEvent } from "@gatestream/protocol";
import { AnswerReader, type AnswerParts } from "../decode/read-answer.ts";
import type { BodyReader, UpstreamResponse } from "../post.ts";
import type { Answer } from "../provider.ts";
import { pulled } from "../../testing/pulled.ts";

type Chunks = readonly Uint8Array[];

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

/** A response with this body, each item of which is what arrived together. */
export function responseOf(
  body: AsyncIterable<Chunks>,
  headers: UpstreamResponse["headers"] = {},
): UpstreamResponse {
  const iterator = body[Symbol.asyncIterator]();
  let reader: BodyReader | undefined;
  let onRoom: (() => void) | undefined;

  async function push(): Promise<void> {
    for (;;) {
      const { done, value } = await iterator.next();
      if (reader === undefined || done) break;
      if (reader.data(Buffer.concat(value))) continue;
      await new Promise<void>((resolve) => {
        onRoom = resolve;
      });
    }
  }

  function end(failure?: unknown): void {
    const ending = reader;
    reader = undefined;
    ending?.end(failure);
  }

  return {
    status: 200,
    headers,
    read(given) {
      reader = given;
      push().then(() => end(), end);
    },
    resume: () => onRoom?.(),
    discard() {
      reader = undefined;
      void iterator.return?.();
      onRoom?.();
    },
    abort(reason) {
      end(reason);
      void iterator.return?.();
      onRoom?.();
    },
  };
}

/** The body of a response, each item what arrived together; leaving the loop discards the rest. */
export function bodyOf(
  response: UpstreamResponse,
  onEnd = (): void => {},
): AsyncIterableIterator<Chunks, undefined> {
  return pulled((push) => {
    response.read({
      data: (bytes) => push.item([bytes]),
      end(failure) {
        onEnd();
        push.end(failure);
      },
    });
    return { resume: () => response.resume(), close: () => response.discard() };
  });
}

export interface ReadAnswerParts extends Omit<AnswerParts, "response" | "sink"> {
  readonly body: AsyncIterable<Chunks>;
}

/** An upstream's body as batches of events. */
export function readAnswer({ body, ...parts }: ReadAnswerParts): Answer {
  return pulled((push) => {
    const response = responseOf(body);
    const sink: AnswerParts["sink"] = {
      events: (batch) => push.item(batch.map(readEvent)),
      end: push.end,
    };
    response.read(new AnswerReader({ ...parts, response, sink }));
    return { resume: response.resume, close: () => response.abort(undefined) };
  });
}
