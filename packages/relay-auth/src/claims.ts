import type { JWTPayload } from "jose";

/** A claim that is there: what every object inherits is not, and neither is null. */
export function claimIn(claims: JWTPayload, name: string): unknown {
  return Object.hasOwn(claims, name) ? (claims[name] ?? undefined) : undefined;
}

/** A claim's value, or the values in its array, as text; objects have none. */
export function textsIn(claim: unknown): string[] {
  const values: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return values
    .filter((value) => ["string", "number", "boolean"].includes(typeof value))
    .map(String);
}

/** The strings of a claim that is an array of them, or the parts of one string. */
export function wordsIn(claim: unknown, separator: RegExp): string[] {
  const words: readonly unknown[] =
    typeof claim === "string" ? claim.split(separator) : Array.isArray(claim) ? claim : [];
  return words.filter((word): word is string => typeof word === "string" && word !== "");
}
