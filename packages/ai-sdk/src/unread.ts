const keyOf = (chatId: string): string => `gatestream:unread:${chatId}`;

/** The stream whose end this tab has not read: a reload may take longer than the rest of an answer. */
export function unreadOf(chatId: string): string | null {
  try {
    return sessionStorage.getItem(keyOf(chatId));
  } catch {
    // Outside of a page, and where it may store nothing, only running answers are found.
    return null;
  }
}

/** Keeps it over a reload; null once the end was read. */
export function setUnread(chatId: string, streamId: string | null): void {
  try {
    if (streamId === null) sessionStorage.removeItem(keyOf(chatId));
    else sessionStorage.setItem(keyOf(chatId), streamId);
  } catch {
    // As above.
  }
}
