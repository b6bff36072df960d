import type { StreamRequest } from "@gatestream/protocol";
import { checkOptions, checksOfRest, isUrl, numberOption, urlExpected } from "./check-options.ts";
import type { RetrySettings } from "./recovery/next-step.ts";
import { randomKey } from "./random-key.ts";
import type { Checkpoint, StartOptions, StreamOptions } from "./answer/stream-options.ts";
import type { Answer } from "./answer/answer.ts";
import { createAnswer } from "./answer/create-answer.ts";
import type { OwnEvents } from "./stream-events.ts";
import { createFetchTransport, type TransportOptions } from "./transport/fetch/fetch-transport.ts";
import type { RequestingTransport, Transport } from "./transport/transport.ts";

/** {@link RetrySettings}, all of which may be left out. */
export type RetryOptions = {
  readonly [Name in keyof RetrySettings]?: RetrySettings[Name] | undefined;
};

/** What a client does when its relay fails, and how streams are started. */
export interface RecoveryOptions {
  /**
   * What is retried: a start that no event has answered yet, and resuming a stream that the relay keeps.
   * While the browser is offline the client waits, and counts nothing. `false` for no retries.
   *
   * @defaultValue `{ baseDelayMs: 500, maxDelayMs: 10_000 }`, a start five times, and resuming for as
   *   long as the relay keeps the answer
   */
  readonly retry?: RetryOptions | false | undefined;
  /**
   * How long the relay may take to accept a request, in milliseconds; longer than its own
   * `firstByteGraceMs`. `false` for ever.
   *
   * @defaultValue 15000
   */
  readonly connectTimeoutMs?: number | false | undefined;
  /**
   * The longest silence, heartbeats included, before the connection is given up, in milliseconds. `"auto"` is twice the relay's own heartbeat and a second; `false` is for ever.
   *
   * @defaultValue `"auto"`
   */
  readonly idleTimeoutMs?: "auto" | number | false | undefined;
  /**
   * Whether streams are started with `onDisconnect: "detach"`: after a lost connection the
   * client resumes, and another page can resume with a {@link Checkpoint}. The relay needs `resume` for it, and refuses with
   * `invalid_request` otherwise.
   *
   * @defaultValue false
   */
  readonly resumable?: boolean | undefined;
}

/** How a client reaches its relay over fetch. Only `url` is required. */
export interface ClientOptions extends RecoveryOptions, TransportOptions {
  readonly transport?: undefined;
  /**
   * Makes another transport of the one over fetch: `poll` of `@gatestream/client/poll`, which turns to
   * polling where a proxy holds event streams back.
   *
   * @defaultValue none
   */
  readonly fallback?: ((transport: RequestingTransport) => Transport) | undefined;
}

/** How a client reaches its relay over something else. */
export interface OtherTransportOptions extends RecoveryOptions {
  readonly transport: Transport;
}

/** A relay's streams. `Events` are the events that only your gateway sends: see {@link EventMap}. */
export interface Client<Events extends object = object> {
  /** How it reaches its relay. */
  readonly transport: Transport;
  /**
   * Asks for an answer and streams it.
   *
   * @example
   * ```ts
   * const stream = client.stream(
   *   { configurationId: "cfg-1", messages: [{ role: "user", content: "Hello" }] },
   *   { onToken: (text) => output.append(text) },
   * );
   * const { text, reason } = await stream.result();
   * ```
   */
  stream(request: StreamRequest, options?: StartOptions<Events>): Answer<Events>;
  /**
   * Resumes a stream: its text so far, then what was missed, then new events.
   *
   * @example
   * ```ts
   * const saved = sessionStorage.getItem("answer");
   * if (saved !== null) client.resume(JSON.parse(saved), { onToken: (_, text) => render(text) });
   * ```
   */
  resume(checkpoint: Checkpoint, options?: StreamOptions<Events>): Answer<Events>;
}

/**
 * Makes a client of the relay at `url`. It holds no connection and needs no closing.
 *
 * @throws TypeError naming every invalid option, and what is valid.
 * @example
 * ```ts
 * const client = createClient({
 *   url: "https://relay.example.com/api/llm",
 *   headers: async () => ({ Authorization: `Bearer ${await freshToken()}` }),
 *   resumable: true,
 * });
 * ```
 */
export function createClient<Events extends object = object>(
  // No options are valid where a type of `Events` is one of the protocol's, or no object.
  given: Events extends OwnEvents<Events> ? ClientOptions | OtherTransportOptions : never,
): Client<NoInfer<Events>> {
  // JavaScript callers may pass nothing, or the URL alone.
  const options = (given instanceof Object ? given : {}) as ClientOptions;
  const {
    transport,
    url,
    headers: _headers,
    credentials: _credentials,
    fetch: _fetch,
    fallback = (direct: RequestingTransport): Transport => direct,
    maxEventBytes,
    retry = {},
    connectTimeoutMs = 15_000,
    idleTimeoutMs = "auto",
    resumable,
    ...rest
  } = options as { readonly transport?: Transport | undefined } & Omit<ClientOptions, "transport">;
  const {
    limit,
    baseDelayMs = 500,
    maxDelayMs = 10_000,
    ...restOfRetry
  }: RetryOptions = retry || { limit: 0 };
  checkOptions(
    ["url", transport !== undefined || isUrl(url), urlExpected],
    numberOption("maxEventBytes", maxEventBytes, 1),
    numberOption("connectTimeoutMs", connectTimeoutMs, 1, false),
    numberOption("idleTimeoutMs", idleTimeoutMs, 1, false, "auto"),
    numberOption("retry.limit", limit, 0),
    numberOption("retry.baseDelayMs", baseDelayMs, 0),
    numberOption("retry.maxDelayMs", maxDelayMs, 0),
    ...checksOfRest(rest),
    ...checksOfRest(restOfRetry, "retry."),
  );
  const way = transport ?? fallback(createFetchTransport(options as ClientOptions));
  const settings = {
    retry: { limit, baseDelayMs, maxDelayMs },
    connectTimeoutMs,
    idleTimeoutMs,
  };
  const client: Client = {
    transport: way,
    stream(asked, { idempotencyKey = randomKey(), ...streamOptions } = {}) {
      // A field that is undefined is the same as one that is left out.
      const onDisconnect = asked.onDisconnect ?? (resumable ? "detach" : undefined);
      const request = onDisconnect ? { ...asked, onDisconnect } : asked;
      const start = { request, idempotencyKey };
      return createAnswer({ transport: way, settings, origin: { start } }, streamOptions);
    },
    resume: (checkpoint, streamOptions) =>
      createAnswer({ transport: way, settings, origin: { checkpoint } }, streamOptions),
  };
  // Events are passed on as they come; the caller knows the fields of their own events.
  return client as unknown as Client<Events>;
}
