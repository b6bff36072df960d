import { isRelayError, RelayError } from "../../errors.ts";
import { isObject, parseObject } from "../decode/json-values.ts";
import { publicMessage, withoutAddresses } from "./public-message.ts";
import { readText } from "./read-text.ts";
import { correlationId } from "./response-headers.ts";
import { rateLimitWaitMs, retryAfterMs } from "./retry-after.ts";
import { TransientError } from "./transient-error.ts";
import type { UpstreamResponse } from "./upstream-call.ts";
import type { Withhold } from "./withhold.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * What the gateway said when it failed, without what it repeated of the request: the cause of our
 * error, for the operator alone.
 */
export class GatewayRefusal extends Error {
  override readonly name = "GatewayRefusal";
  /** The HTTP status; absent for an error inside an answer. */
  readonly status: number | undefined;
  /** The gateway's own code, such as `bad.credentials`. */
  readonly code: string | undefined;
  readonly contextId: string | undefined;
  readonly correlationId: string | undefined;
  /** How long a caller would be asked to wait by a rate limit, in milliseconds. */
  readonly rateLimitWaitMs: number | undefined;

  constructor(reply: Fields, withhold: Withhold, response?: UpstreamResponse) {
    // Genesys answers with the error itself, OpenAI with an object that holds it.
    const body = isObject(reply["error"]) ? reply["error"] : reply;
    const description = body["message"] ?? body["error_description"] ?? body["description"];
    const said = text(description) ?? text(body["error"]) ?? "It gave no reason.";
    super(withoutAddresses(withhold(said)));
    const kept = (value: unknown): string | undefined => {
      const word = text(value);
      return word && withhold(word);
    };
    this.status = response?.status;
    this.code = kept(body["code"]) ?? kept(body["error"]);
    this.contextId = kept(body["contextId"]);
    this.correlationId = response && kept(correlationId(response.headers));
    // From the message as it was said: it may hold the only number.
    this.rateLimitWaitMs = response && rateLimitWaitMs(response.headers, said, Date.now());
  }
}

/** An explanation is short and comes at once; without it the status says enough. */
const refusalLimits = { maxBytes: 64 * 1024, timeoutMs: 2_000 };

/** Reads a refusal of the gateway or of its token endpoint. */
export async function readRefusal(
  response: UpstreamResponse,
  withhold: Withhold,
): Promise<GatewayRefusal> {
  const body = await readText(response.body, refusalLimits).catch((failure: unknown) => {
    // Where the body breaks off, the status says enough; a deadline or an abort stays what it is.
    if (isRelayError(failure) && failure.code === "gateway_interrupted") return "";
    throw failure;
  });
  return new GatewayRefusal(parseObject(body) ?? {}, withhold, response);
}

/** An error that the upstream reports inside its answer. */
export function reportedError(reply: Fields, withhold: Withhold): RelayError {
  const cause = new GatewayRefusal(reply, withhold);
  return new RelayError(
    "gateway_interrupted",
    `The gateway reported an error in the middle of the answer: ${publicMessage(cause.message)}`,
    { cause },
  );
}

/** Statuses that may pass: the request has not been worked on. */
const transientStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

/** The chat route's refusal as an error of ours. */
export function refusalError(refusal: GatewayRefusal, response: UpstreamResponse): RelayError {
  const { status } = response;
  if (status === 401) {
    return new RelayError("gateway_auth_failed", "The gateway refused the relay's access token.", {
      cause: refusal,
    });
  }
  if (status >= 400 && status < 500 && status !== 429) {
    return new RelayError(
      "gateway_rejected",
      `The gateway refused the request: ${publicMessage(refusal.message)}`,
      { cause: refusal, ...(status === 400 ? { status } : {}) },
    );
  }
  return unavailability(refusal, response) ?? unexpectedAnswer(refusal, `status ${status}`);
}

/** A refusal of the moment, on either route: the gateway is busy or away. */
export function unavailability(
  refusal: GatewayRefusal,
  response: UpstreamResponse,
): RelayError | undefined {
  const { status, headers } = response;
  const cause = refusal;
  if (status === 429) {
    const waitMs = refusal.rateLimitWaitMs;
    const message = "The gateway's rate limit is reached.";
    return new TransientError("gateway_rate_limited", message, { cause, ...stated(waitMs) });
  }
  if (status < 500) return undefined;
  // The rate-limit headers stand on every answer: only Retry-After speaks of this one.
  const waitMs = retryAfterMs(headers, Date.now());
  const message = `The gateway answered with status ${status}.`;
  const ErrorClass = transientStatuses.has(status) ? TransientError : RelayError;
  return new ErrorClass("gateway_unavailable", message, { cause, ...stated(waitMs) });
}

function stated(waitMs: number | undefined): { retryAfterMs?: number } {
  return waitMs === undefined ? {} : { retryAfterMs: waitMs };
}

/** Neither an answer nor a refusal: a redirect, a success without a body, a login page. */
export function unexpectedAnswer(refusal: GatewayRefusal, what: string): RelayError {
  return new RelayError(
    "gateway_protocol_error",
    `The gateway answered with ${what} instead of a stream.`,
    { cause: refusal },
  );
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
