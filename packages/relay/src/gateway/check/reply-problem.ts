import { headerValue } from "../handshake/response-headers.ts";
import { isHtml, type ProbeReply } from "./probe.ts";

/**
 * What is wrong with a reply whatever was asked, without a full stop; undefined where its status
 * and text are the upstream's own.
 */
export function replyProblem(reply: ProbeReply): string | undefined {
  const { status, headers } = reply;
  if (status >= 300 && status < 400) {
    const location = headerValue(headers, "location") ?? "elsewhere";
    return `it sends one on to ${location} (status ${status}), where the relay does not follow`;
  }
  // Servers that are right have HTML for what they refuse, too.
  if (status < 400 && isHtml(reply)) {
    return "it answers with a page for people: a proxy or a sign-in stands between, or the address is another server's";
  }
  if (status === 407) return "a proxy stands between and wants to know who asks (status 407)";
  if (status === 429) return "its rate limit is reached (status 429): try again in a minute";
  if (status >= 500) return `it is away or overloaded (status ${status}): try again later`;
  return undefined;
}
