import type { UiMessage } from "@gatestream/ai-sdk/mapping";
import { isObject, RelayError } from "@gatestream/relay/parts";

/**
 * The conversation in `UIMessage`s.
 *
 * @throws RelayError `invalid_request` where it is none.
 */
export function readUiMessages(messages: unknown): readonly UiMessage[] {
  if (!Array.isArray(messages)) {
    throw new RelayError("invalid_request", "messages must be an array of UIMessages.");
  }
  return messages.map((message: unknown, index) => {
    if (!isObject(message) || !Array.isArray(message["parts"])) {
      throw new RelayError(
        "invalid_request",
        `messages.${index} must be a UIMessage: an object with role and parts.`,
      );
    }
    const { id, role, parts } = message;
    return { id: String(id), role: String(role), parts: (parts as unknown[]).filter(isObject) };
  });
}
