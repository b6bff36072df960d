import { createHmac } from "node:crypto";

/** The cookie in which the other origin's relay looks for a token. */
export const sessionCookie = "session";

export const sessionSecret = "a secret of the tests that is long enough for HS256";

/** A token of somebody who may ask, good for a few minutes. */
export function sessionToken(): string {
  const head = encoded({ alg: "HS256", typ: "JWT" });
  const body = encoded({ sub: "somebody", exp: Math.floor(Date.now() / 1000) + 300 });
  const signature = createHmac("sha256", sessionSecret).update(`${head}.${body}`);
  return `${head}.${body}.${signature.digest("base64url")}`;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
