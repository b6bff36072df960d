import { RelayError } from "@gatestream/relay/parts";

/** What stands percent-encoded in a path. */
export function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    throw new RelayError("invalid_request", "The path must be percent-encoded UTF-8.");
  }
}
