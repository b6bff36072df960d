import type { ChatPersistence } from "./saved-chat.ts";

/**
 * Keeps a conversation in the tab's `sessionStorage` under `key`: it survives a reload, and an answer
 * that the relay keeps goes on there. Where the storage is missing, full or forbidden, the
 * conversation lives on in memory only, and an older copy of it is removed.
 */
export function persistInSession(key: string): ChatPersistence {
  return {
    load: () => tolerate(() => JSON.parse(sessionStorage.getItem(key) ?? "null") ?? undefined),
    save: (saved) =>
      tolerate(() => {
        // Before the new copy: a full storage must not keep an older one, which a reload would show.
        sessionStorage.removeItem(key);
        sessionStorage.setItem(key, JSON.stringify(saved));
      }),
    clear: () => tolerate(() => sessionStorage.removeItem(key)),
  };
}

/** A browser that keeps nothing throws already when it is asked for the storage; servers have none. */
function tolerate<Value>(access: () => Value): Value | undefined {
  try {
    return access();
  } catch {
    return undefined;
  }
}
