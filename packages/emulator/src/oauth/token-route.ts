import type { CallRecord } from "../calls/call-log.ts";
import type { Exchange } from "../http/exchange.ts";
import { readBody } from "../http/read-body.ts";
import { sendJson, sendRefusal } from "../http/send-refusal.ts";
import type { TokenStore } from "./token-store.ts";

export interface TokenRouteOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly lifetimeSeconds: number;
  readonly tokens: TokenStore;
  readonly isDown: () => boolean;
}

type TokenRoute = (exchange: Exchange, record: CallRecord) => Promise<void>;

/** `POST /oauth/token`: RFC 6749, Client Credentials Grant, with the errors as Genesys words them. */
export function createTokenRoute(options: TokenRouteOptions): TokenRoute {
  const { clientId, clientSecret, lifetimeSeconds, tokens, isDown } = options;
  const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");

  return async (exchange, record) => {
    const text = await readBody(exchange.request);
    if (text === undefined) {
      return sendJson(exchange, 413, oauthError("invalid_request", "the body is too large"));
    }
    const form = Object.fromEntries(new URLSearchParams(text));
    record.update({ body: form });

    if (isDown()) return sendRefusal(exchange, { reason: "unavailable" });
    if (exchange.request.headers.authorization !== `Basic ${credentials}`) {
      return sendJson(exchange, 401, oauthError("invalid_client", "client not found"));
    }
    if (form["grant_type"] !== "client_credentials") {
      const reason = "grant_type must be client_credentials";
      return sendJson(exchange, 400, oauthError("unsupported_grant_type", reason));
    }
    const token = {
      access_token: tokens.issue(),
      token_type: "bearer",
      expires_in: lifetimeSeconds,
    };
    sendJson(exchange, 200, token, { "Cache-Control": "no-store" });
  };
}

function oauthError(error: string, reason: string): object {
  return { error, description: reason, error_description: `${error}: ${reason}` };
}
