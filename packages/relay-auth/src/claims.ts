import type { JWTPayload } from "jose";

/** The value of a claim; undefined for inherited properties and for null. */
export function claimIn(claims: JWTPayload, name: string): unknown {
  return Object.hasOwn(claims, name) ? (claims[name] ?? undefined) : undefined;
}

/** The value of a claim, or the values of its array, as text; objects are left out. */
export function textsIn(claim: unknown): string[] {
  const values: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return values
    .filter((value) => ["string", "number", "boolean"].includes(typeof value))
    .map(String);
}

/** The strings of a claim that is an array, or the parts of a claim that is one string. */
export function wordsIn(claim: unknown, separator: RegExp): string[] {
  const words: readonly unknown[] =
    typeof claim === "string" ? claim.split(separator) : Array.isArray(claim) ? claim : [];
  return words.filter((word): word is string => typeof word === "string" && word !== "");
}
