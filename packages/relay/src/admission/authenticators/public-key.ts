import { createPublicKey, type KeyObject } from "node:crypto";

/**
 * Reads a public key or an X.509 certificate in PEM; `\n` in two characters, as environment files
 * write it, is a line break.
 *
 * @throws Error when it is neither.
 */
export function readPublicKey(pem: string): KeyObject {
  const text = pem.replaceAll(String.raw`\n`, "\n");
  // A private key would do, and would then lie on a machine that has no need of it.
  if (text.includes("PRIVATE KEY-----")) throw new Error("A private key is not a public one.");
  return createPublicKey(text);
}

/** The key, or undefined when it cannot be read. */
export function readPublicKeyOrNothing(pem: string): KeyObject | undefined {
  try {
    return readPublicKey(pem);
  } catch {
    // Its message would show parts of the text; that it is no key is all there is to tell.
    return undefined;
  }
}
