import { isRelayError, type RelayError } from "@gatestream/relay/parts";

/** The refusal that `call` comes to; anything else fails the test. */
export async function refusalBy(call: () => unknown): Promise<RelayError> {
  try {
    await call();
  } catch (failure) {
    if (isRelayError(failure)) return failure;
    throw failure;
  }
  throw new Error("Nothing was refused.");
}
