import { toRelayError, type RelayError } from "../errors.ts";

/** Why the gateway did not accept; undefined once it has, or when the grace has passed. */
export async function refusalWithin(
  graceMs: number,
  accepted: Promise<unknown>,
): Promise<RelayError | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  try {
    await Promise.race([accepted, grace]);
    return undefined;
  } catch (failure) {
    return toRelayError(failure);
  } finally {
    clearTimeout(timer);
  }
}
