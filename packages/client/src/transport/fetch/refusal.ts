import { requestIdHeader, type ErrorReply } from "@gatestream/protocol";
import { StreamError } from "../../stream-error.ts";

/**
 * The error for a response that is no stream: the relay's own refusal, or the response of a proxy or
 * another server. `source` names it in the message.
 */
export async function refusalOf(response: Response, source: string): Promise<StreamError> {
  const { status, headers } = response;
  const stated = {
    status,
    retryAfterMs: retryAfterMs(headers),
    requestId: requestIdOf(response),
  };
  // Only a refusal is known to be short.
  const reply = response.ok ? undefined : await readReply(response);
  return reply
    ? new StreamError(reply.code, reply.message, { ...stated, ...reply })
    : new StreamError(
        "protocol",
        `The answer of ${source} is not a relay's: wrong path, proxy or dev server?`,
        { ...stated, retryable: status === 429 || status >= 500 },
      );
}

/** What identifies the request in the relay's logs. */
export function requestIdOf({ headers }: Response): string | undefined {
  return headers.get(requestIdHeader) ?? undefined;
}

/** The body of a response that is JSON; one that breaks off is `truncated`. */
export async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    const details = { requestId: requestIdOf(response), cause };
    throw new StreamError("truncated", "The response broke off before its end.", details);
  }
}

/** `Retry-After` as milliseconds from now: seconds or an HTTP date (RFC 9110, "Retry-After"). */
function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get("Retry-After") ?? "";
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

async function readReply(response: Response): Promise<ErrorReply["error"] | undefined> {
  try {
    const { error }: Partial<ErrorReply> = await response.json();
    // Other servers put an error with a code into their replies too; a relay's also has `retryable`.
    return typeof error?.code === "string" && "retryable" in error ? error : undefined;
  } catch {
    // Not JSON: a proxy's page. Only its status is known.
    return undefined;
  }
}
