import { createPublicKey, type JsonWebKey } from "node:crypto";
import type { Finding } from "@gatestream/relay";
import { isObject, parseObject } from "@gatestream/relay/command";
import { defaultKeyAlgorithms, keyAlgorithms } from "@gatestream/relay-auth";
import { connectionProblem, probe, replyProblem } from "@gatestream/relay-providers";
import { Agent } from "undici";

/** What the relay itself waits for the set. */
const timeoutMs = 5_000;
const minRsaBits = 2048;

export interface KeySetSettings {
  readonly jwtJwksUrl: string;
  /** Empty is the usual ones. */
  readonly jwtAlgorithms: readonly string[];
}

/** Fetches the published keys of tokens (RFC 7517, "JWK Set Format") and counts those that serve. */
export async function checkKeySet(
  { jwtJwksUrl, jwtAlgorithms }: KeySetSettings,
  signal: AbortSignal,
): Promise<Finding> {
  const url = new URL(jwtJwksUrl);
  const what = `key set ${url.origin}${url.pathname}`;
  const dispatcher = new Agent({ connect: { timeout: timeoutMs - 1_000 } });
  const failed = (problem: string): Finding => {
    const message = `${problem}. GATESTREAM_JWT_JWKS_URL says where it is.`;
    return { what, outcome: "failed", message };
  };
  try {
    const reply = await probe(url, { dispatcher, signal, timeoutMs });
    const problem = replyProblem(reply);
    if (problem !== undefined) return failed(problem);
    if (reply.status !== 200) return failed(`there is none (status ${reply.status})`);
    const keys: unknown = parseObject(reply.text)?.["keys"];
    if (!Array.isArray(keys)) return failed("what is there is no key set");
    const algorithms = jwtAlgorithms.length > 0 ? jwtAlgorithms : defaultKeyAlgorithms;
    const usable = keys.filter((key: unknown) => isUsable(key, algorithms)).length;
    if (usable > 0)
      return { what, outcome: "ok", message: `${usable} of ${keys.length} keys serve` };
    return failed(`none of its ${keys.length} keys is for ${algorithms.join(", ")}`);
  } catch (failure) {
    return failed(connectionProblem(failure));
  } finally {
    await dispatcher.destroy();
  }
}

function isUsable(jwk: unknown, algorithms: readonly string[]): boolean {
  if (!isObject(jwk) || (jwk["use"] !== undefined && jwk["use"] !== "sig")) return false;
  const { alg } = jwk;
  try {
    const key = createPublicKey({ key: jwk as JsonWebKey, format: "jwk" });
    const { modulusLength = minRsaBits } = key.asymmetricKeyDetails ?? {};
    const fitting = keyAlgorithms(key).filter((name) => algorithms.includes(name));
    return modulusLength >= minRsaBits && fitting.some((name) => alg === undefined || alg === name);
  } catch {
    // A set may hold keys of kinds that are not known here.
    return false;
  }
}
