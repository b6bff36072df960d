import { generateKeyPairSync, type KeyObject } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { JWK } from "jose";
import { startHost } from "@gatestream/testing/host";
import { sign, type Claims } from "./jwt-under-test.ts";

/** What its endpoint answers: the keys, a failure, something else, nothing, or only a beginning. */
export type IssuerMode = "well" | "failing" | "strange" | "silent" | "stuck";

/** One who signs tokens and publishes the keys; `await using` closes the endpoint. */
export interface Issuer extends AsyncDisposable {
  readonly jwksUrl: string;
  /** How often the keys were asked for. */
  requestCount(): number;
  /** Publishes a new key, by default in place of the others, and signs with it. */
  rotate(options?: RotateOptions): void;
  setMode(mode: IssuerMode): void;
  /** A token, signed with the newest key. */
  sign(claims?: Claims): Promise<string>;
  /** A token whose key is published nowhere. */
  signWithUnknownKey(kid: string): Promise<string>;
}

export interface RotateOptions {
  /** Absent: keys have no identifier. */
  readonly kid?: string;
  readonly keepsOthers?: boolean;
  readonly modulusLength?: number;
  /** Publishes the private key too, as no issuer should. */
  readonly isLeaked?: boolean;
}

interface SigningKey {
  readonly kid: string | undefined;
  readonly privateKey: KeyObject;
}

export async function startIssuer(first: RotateOptions = { kid: "key-1" }): Promise<Issuer> {
  let published: JWK[] = [];
  let newest: SigningKey;
  let mode: IssuerMode = "well";
  const host = await startHost((_request, response) => {
    answer(response, mode, published);
  });

  function rotate({
    kid,
    keepsOthers = false,
    modulusLength,
    isLeaked = false,
  }: RotateOptions = {}): void {
    const { publicKey, privateKey } =
      modulusLength === undefined
        ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : generateKeyPairSync("rsa", { modulusLength });
    const jwk: JWK = {
      ...(isLeaked ? privateKey : publicKey).export({ format: "jwk" }),
      ...(kid === undefined ? {} : { kid }),
    };
    published = [...(keepsOthers ? published : []), jwk];
    newest = { kid, privateKey };
  }
  rotate(first);

  return {
    jwksUrl: `${host.url}/jwks.json`,
    requestCount: () => host.responses.length,
    rotate,
    setMode(next) {
      mode = next;
    },
    async sign(claims = {}) {
      const { kid, privateKey } = newest;
      const alg = privateKey.asymmetricKeyType === "rsa" ? "RS256" : "ES256";
      return await sign(claims, privateKey, { alg, ...(kid === undefined ? {} : { kid }) });
    },
    async signWithUnknownKey(kid) {
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      return await sign({}, privateKey, { alg: "ES256", kid });
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}

function answer(response: ServerResponse, mode: IssuerMode, keys: readonly JWK[]): void {
  if (mode === "silent") return;
  if (mode === "stuck") {
    response.write('{"keys":');
    return;
  }
  if (mode === "failing") response.statusCode = 500;
  response.setHeader("Content-Type", "application/json");
  response.end(mode === "strange" ? '{"keys":"none"}' : JSON.stringify({ keys }));
}
