import type { IncomingMessage, ServerResponse } from "node:http";
import type { TcpNetConnectOpts } from "node:net";
import { Agent, type Dispatcher } from "undici";
import { callUpstream, type ExchangeLimits, type UpstreamRequest } from "../post.ts";
import { deferred } from "../../testing/deferred.ts";
import { readAll, bodyOf } from "./upstream-responses.ts";

export type Lookup = NonNullable<TcpNetConnectOpts["lookup"]>;

/**
 * One connection at most: a second one shows only where the first was given up. It ends with the
 * server's.
 */
export function agentOf(connect: { timeout?: number; lookup?: Lookup } = {}): Agent {
  return new Agent({ connections: 1, connect, headersTimeout: 0, bodyTimeout: 0 });
}

/** A response whose body is pulled. */
export type CalledResponse = Awaited<ReturnType<typeof call>>;

export interface CallOptions
  extends Partial<Omit<UpstreamRequest, "limits">>, Partial<ExchangeLimits> {
  readonly signal?: AbortSignal;
}

/** Calls with limits that no test reaches by accident; the signal aborts the body, too. */
export async function call(
  url: string,
  { signal = new AbortController().signal, ...change }: CallOptions = {},
  dispatcher: Dispatcher = agentOf(),
) {
  const request = {
    url: new URL(url),
    headers: { "content-type": "text/plain" },
    body: Buffer.from("question"),
    limits: {
      firstByteTimeoutMs: 20_000,
      idleTimeoutMs: 20_000,
      totalTimeoutMs: 20_000,
      ...change,
    },
    ...change,
  };
  const response = await callUpstream(dispatcher, request, signal);
  const onAbort = (): void => response.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const body = bodyOf(response, () => signal.removeEventListener("abort", onAbort));
  const { status, headers } = response;
  return { status, headers, body };
}

export async function textOf({ body }: CalledResponse): Promise<string> {
  const { items, failure } = await readAll(body);
  if (failure !== undefined) throw failure;
  return Buffer.concat(items.flat()).toString();
}

/** Takes one batch of a body and leaves it there. */
export async function takeOne({ body }: CalledResponse): Promise<string> {
  for await (const chunks of body) return Buffer.concat(chunks).toString();
  return "";
}

/** A listener that hands its first request's response to the test. */
export function firstResponse() {
  const { promise, resolve } = deferred<ServerResponse>();
  return { promise, answer: (_: IncomingMessage, response: ServerResponse) => resolve(response) };
}
