import { vi } from "vitest";
import { sseText } from "./sse-text.ts";

/** An answer that a test writes piece by piece, given to the client as its `fetch` option. */
export interface HandMadeAnswer {
  /** Does not look at the signal, as a wrapper of somebody's own may not. */
  readonly fetch: typeof globalThis.fetch;
  readonly response: Response;
  /** Resolves when the client gives the body up. */
  readonly givenUp: Promise<void>;
  send(...events: readonly object[]): void;
  write(bytes: Uint8Array): void;
  end(): void;
  /** Breaks the connection. */
  break(failure: unknown): void;
}

export function createHandMadeAnswer(): HandMadeAnswer {
  const utf8 = new TextEncoder();
  let body: ReadableStreamDefaultController<Uint8Array> | undefined;
  let giveUp = (): void => {};
  const givenUp = new Promise<void>((resolve) => {
    giveUp = resolve;
  });
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      body = controller;
    },
    cancel: () => giveUp(),
  });
  const response = new Response(stream, { headers: { "Content-Type": "text/event-stream" } });
  return {
    fetch: vi.fn<typeof globalThis.fetch>(async () => response),
    response,
    givenUp,
    send: (...events) => body?.enqueue(utf8.encode(sseText(...events))),
    write: (bytes) => body?.enqueue(bytes),
    end: () => body?.close(),
    break: (failure) => body?.error(failure),
  };
}
