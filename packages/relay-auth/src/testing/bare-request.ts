import { IncomingMessage, type IncomingHttpHeaders } from "node:http";
import { Socket } from "node:net";

/** A request as node:http hands it over, with headers that may be anything. */
export function bareRequest(headers: IncomingHttpHeaders, method = "POST"): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.method = method;
  Object.assign(request.headers, headers);
  return request;
}

/** A request with `token` where it belongs. */
export function requestWith(token: string): IncomingMessage {
  return bareRequest({ authorization: `Bearer ${token}` });
}
