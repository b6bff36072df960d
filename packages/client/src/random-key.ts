/** 128 random bits. Not `randomUUID`, which only secure contexts have. */
export function randomKey(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}
