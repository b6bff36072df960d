import type { Caller } from "@gatestream/relay/parts";

const form = /^[\w.:@/-]{1,200}$/;
const minAnonymousChars = 16;

/**
 * Whether an answer may be found by this id of a client's own. One that others might guess, because
 * callers are not authenticated, may not: such an answer ends with its reader.
 */
export function mayBeFound({ isAnonymous = false }: Caller, conversationId: string): boolean {
  return form.test(conversationId) && (!isAnonymous || conversationId.length >= minAnonymousChars);
}
