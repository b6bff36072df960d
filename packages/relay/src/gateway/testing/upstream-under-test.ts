import type { IncomingMessage, ServerResponse } from "node:http";
import type { TcpNetConnectOpts } from "node:net";
import { Agent, type Dispatcher } from "undici";
import {
  callUpstream,
  type UpstreamRequest,
  type UpstreamResponse,
} from "../handshake/upstream-call.ts";
import { deferred } from "./deferred.ts";
import { readAll } from "./pieces.ts";

export type Lookup = NonNullable<TcpNetConnectOpts["lookup"]>;

/**
 * One connection at most: a second one shows only where the first was given up. It ends with the
 * server's.
 */
export function agentOf(connect: { timeout?: number; lookup?: Lookup } = {}): Agent {
  return new Agent({ connections: 1, connect, headersTimeout: 0, bodyTimeout: 0 });
}

/** Calls with limits that no test reaches by accident. */
export function call(
  url: string,
  change: Partial<UpstreamRequest> = {},
  dispatcher: Dispatcher = agentOf(),
): Promise<UpstreamResponse> {
  return callUpstream(dispatcher, {
    url: new URL(url),
    headers: { "content-type": "text/plain" },
    body: Buffer.from("question"),
    signal: new AbortController().signal,
    firstByteTimeoutMs: 20_000,
    idleTimeoutMs: 20_000,
    totalTimeoutMs: 20_000,
    ...change,
  });
}

export async function textOf({ body }: UpstreamResponse): Promise<string> {
  const { items, failure } = await readAll(body);
  if (failure !== undefined) throw failure;
  return Buffer.concat(items.flat()).toString();
}

/** Takes one batch of a body and leaves it there. */
export async function takeOne({ body }: UpstreamResponse): Promise<string> {
  for await (const chunks of body) return Buffer.concat(chunks).toString();
  return "";
}

/** A listener that hands its first request's response to the test. */
export function firstResponse() {
  const { promise, resolve } = deferred<ServerResponse>();
  return { promise, answer: (_: IncomingMessage, response: ServerResponse) => resolve(response) };
}
