import { RelayError, isRelayError } from "../errors.ts";
import { isObject, parseJson } from "../json.ts";
import { correlationId, mediaTypeOf, rateLimitWaitMs, retryAfterMs } from "./headers.ts";
import type { UpstreamResponse } from "./post.ts";
import { TransientError } from "./retry.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The gateway's failure, for the operator: the cause of our error. The gateway's own
 * sentences are left out, because they may repeat the conversation or credentials; its codes and
 * ids are kept.
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

  constructor(reply: unknown, response?: UpstreamResponse) {
    const body = errorIn(reply);
    const code = codeIn(body);
    const status = response?.status;
    super(`The gateway failed${inBrackets(status, code)}.`);
    this.status = status;
    this.code = code;
    this.contextId = identifier(body["contextId"]);
    this.correlationId = response && identifier(correlationId(response.headers));
    // It may stand in the message alone.
    const { message } = body;
    const said = typeof message === "string" ? message : "";
    this.rateLimitWaitMs = response && rateLimitWaitMs(response.headers, said, Date.now());
  }
}

/**
 * The object that describes the error: Genesys sends it as it is, OpenAI as `error`, Gemini in a
 * list, Mistral's and FastAPI's servers as `message` or `detail`.
 */
function errorIn(reply: unknown): Fields {
  const body = Array.isArray(reply) ? reply[0] : reply;
  if (!isObject(body)) return {};
  const inner = body["error"] ?? body["detail"];
  if (isObject(inner) || Array.isArray(inner)) return errorIn(inner);
  return isObject(body["message"]) ? { ...errorIn(body["message"]), ...body } : body;
}

/** The most telling of the fields that hold codes: FastAPI's and OpenAI's `type`, Gemini's `status`. */
function codeIn(body: Fields): string | undefined {
  const words = ["code", "error", "type", "status"]
    .map((name) => identifier(body[name]))
    .filter((word): word is string => word !== undefined && word !== "error");
  return words.find((word) => !/^\d+$/.test(word)) ?? words[0];
}

/** A code or an id; a sentence, or what is as long as a credential, is neither. */
function identifier(value: unknown): string | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && /^[\w.:-]{1,60}$/.test(text) ? text : undefined;
}

function inBrackets(status: number | undefined, code: string | undefined): string {
  const words = [
    ...(status === undefined ? [] : [`status ${status}`]),
    ...(code === undefined || code === String(status) ? [] : [`code ${code}`]),
  ];
  return words.length === 0 ? "" : ` (${words.join(", ")})`;
}

/** An error that the upstream reports inside its answer. */
export function reportedError(reply: unknown): RelayError {
  const cause = new GatewayRefusal(reply);
  return new RelayError(
    "gateway_interrupted",
    `The gateway reported an error in the middle of the answer${inBrackets(undefined, cause.code)}.`,
    { cause },
  );
}

/** What the chat route answered instead of a stream, with `text` as its body, as an error of ours. */
export function refusalError(text: string, response: UpstreamResponse): RelayError {
  const { status } = response;
  const cause = new GatewayRefusal(parseJson(text), response);
  if (status === 401) {
    const message = "The gateway refused the relay's access token.";
    return new RelayError("gateway_auth_failed", message, { cause });
  }
  if (status >= 400 && status < 500 && status !== 429) {
    const message = `The gateway refused the request${inBrackets(status, cause.code)}.`;
    return new RelayError("gateway_rejected", message, {
      cause,
      ...(status === 400 ? { status } : {}),
    });
  }
  const refusal = unavailability(cause, response);
  if (refusal !== undefined) return refusal;
  // A redirect, a success without a body, a login page.
  const isPage = status === 200 && mediaTypeOf(response.headers) === "text/html";
  const message = `The gateway answered with ${isPage ? "an HTML page" : `status ${status}`} instead of a stream.`;
  return new RelayError("gateway_protocol_error", message, { cause });
}

/** Statuses of a gateway that may soon be there again. */
const transientStatuses: ReadonlySet<number> = new Set([502, 503, 504, 529]);
/** Those that come before any work: 529 is Anthropic's 503. */
const untakenStatuses: ReadonlySet<number> = new Set([503, 529]);

/** A refusal of the moment, on either route: the gateway is busy or away. */
export function unavailability(
  cause: GatewayRefusal,
  { status, headers }: UpstreamResponse,
): RelayError | undefined {
  if (status === 429) {
    const message = "The gateway's rate limit is reached.";
    const waitMs = cause.rateLimitWaitMs;
    return new TransientError("gateway_rate_limited", message, { cause, retryAfterMs: waitMs });
  }
  if (status < 500) return undefined;
  const message = `The gateway answered with status ${status}.`;
  if (!transientStatuses.has(status)) {
    return unanswered(new RelayError("gateway_unavailable", message, { cause }));
  }
  return new TransientError("gateway_unavailable", message, {
    cause,
    // Behind 502 and 504 a proxy may have passed the request on.
    isUnanswered: !untakenStatuses.has(status),
    // The rate-limit headers stand on every answer: only Retry-After speaks of this one.
    retryAfterMs: retryAfterMs(headers, Date.now()),
  });
}

/** The error once the request may have been accepted: clients must not retry automatically. */
export function unanswered({ code, message, cause }: RelayError): RelayError {
  return new RelayError(
    code,
    `${message} It may have taken the request, so it was not asked again: the request may have been billed.`,
    { cause, retryable: false },
  );
}

/** Reads a refusal of the gateway or of its token endpoint. */
export async function readRefusal(response: UpstreamResponse): Promise<GatewayRefusal> {
  return new GatewayRefusal(parseJson(await readRefusalText(response)), response);
}

/** The body of a refusal: an explanation is short and comes at once; without it the status says enough. */
export async function readRefusalText(response: UpstreamResponse): Promise<string> {
  return await readText(response, 2_000).catch((failure: unknown) => {
    // Where the body breaks off, the status says enough; a deadline or an abort stays what it is.
    if (isRelayError(failure) && failure.code === "gateway_interrupted") return "";
    throw failure;
  });
}

/** What is read of a body that is no answer. */
const maxTextBytes = 64 * 1024;

/** The text of a short body, such as an error's or a token's; what lies beyond the limits is left. */
export function readText(response: UpstreamResponse, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const kept: Uint8Array[] = [];
    let bytes = 0;
    const finish = (failure?: unknown): void => {
      clearTimeout(timer);
      response.discard();
      if (failure === undefined) resolve(Buffer.concat(kept).toString("utf8", 0, maxTextBytes));
      else reject(failure);
    };
    const timer = setTimeout(finish, timeoutMs);
    response.read({
      data(chunk) {
        kept.push(chunk);
        bytes += chunk.length;
        if (bytes > maxTextBytes) finish();
        return true;
      },
      end: finish,
    });
  });
}
