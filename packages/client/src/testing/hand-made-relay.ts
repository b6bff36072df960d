import type { ErrorCode } from "@gatestream/protocol";

/** What a client has sent. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly signal: AbortSignal | undefined;
}

/** What becomes of a request. */
export type Play = (request: SentRequest) => Response | Promise<Response>;

/** A relay that a test writes request by request, given to the client as its `fetch` option. */
export interface HandMadeRelay {
  readonly fetch: typeof globalThis.fetch;
  /** In the order in which they came. */
  readonly requests: readonly SentRequest[];
  /** Resolves with the request of that number, from 1, once it has come. */
  request(number: number): Promise<SentRequest>;
}

/** Plays one of `plays` for each request, in order; a request too many fails the test. */
export function createHandMadeRelay(...plays: readonly Play[]): HandMadeRelay {
  const requests: SentRequest[] = [];
  let waiting: (() => void)[] = [];
  return {
    requests,
    async fetch(url, { method = "GET", headers, body, signal } = {}) {
      const request: SentRequest = {
        method,
        path: String(url),
        headers: new Headers(headers),
        body: typeof body === "string" ? JSON.parse(body) : undefined,
        signal: signal ?? undefined,
      };
      requests.push(request);
      for (const resume of waiting) resume();
      waiting = [];
      const play = plays[requests.length - 1];
      if (play === undefined) throw new Error(`Nobody expected request ${requests.length}.`);
      return await play(request);
    },
    async request(number) {
      for (;;) {
        const request = requests[number - 1];
        if (request !== undefined) return request;
        await new Promise<void>((resume) => {
          waiting.push(resume);
        });
      }
    },
  };
}

/** A relay's refusal. */
export function refuses(
  status: number,
  code: ErrorCode,
  details: { readonly retryable?: boolean; readonly retryAfterMs?: number } = {},
): Play {
  const error = { code, message: "No.", retryable: true, requestId: "r-1", ...details };
  return () => Response.json({ error }, { status });
}

/** A network that does not reach the relay. */
export function fails(message = "Failed to fetch"): Play {
  return () => Promise.reject(new TypeError(message));
}

/** An event stream: `end` is a clean one, `cut` breaks, `hang` sends no more. */
export function sends(text: string, ending: "end" | "cut" | "hang" = "end"): Play {
  return ({ signal }) => {
    let hasSent = false;
    const body = new ReadableStream<Uint8Array>({
      // What has not been read when a stream breaks is lost with it: one thing at a time.
      pull(controller) {
        if (!hasSent) {
          hasSent = true;
          if (text !== "") return controller.enqueue(new TextEncoder().encode(text));
        }
        if (ending === "end") return controller.close();
        if (ending === "cut") return controller.error(new TypeError("Load failed"));
        return new Promise<void>((resolve) => {
          signal?.addEventListener("abort", () => resolve(), { once: true });
        });
      },
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  };
}
