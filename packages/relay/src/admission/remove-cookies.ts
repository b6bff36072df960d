import type { IncomingMessage } from "node:http";

/** Removes every cookie from a request, wherever node:http keeps it. */
export function removeCookies(request: IncomingMessage): void {
  delete request.headers.cookie;
  const { rawHeaders } = request;
  // Emptied, not taken out: `headersDistinct` is made of as many headers as there were at first.
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === "cookie") rawHeaders[index + 1] = "";
  }
}
