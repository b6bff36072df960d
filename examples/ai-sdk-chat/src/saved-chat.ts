import type { UIMessage } from "ai";

/** What the relay says about an answer. */
export interface AnswerMetadata {
  readonly streamId?: string;
  /** Why the answer ended. Without one it has not ended, or was cut. */
  readonly reason?: string | null;
  readonly usage?: { readonly inputTokens?: number; readonly outputTokens?: number };
}

/** What `data-gatestream` is, which is no part of a message. */
export interface Notice {
  /** In the relay's queue. */
  readonly position?: number;
}

export type ChatMessage = UIMessage<AnswerMetadata>;

export interface SavedChat {
  readonly id: string;
  readonly messages: ChatMessage[];
}

const key = "ai-sdk-chat";

/** The tab's chat. Its id must not be guessable where callers are not authenticated. */
export function loadChat(): SavedChat {
  const saved = sessionStorage.getItem(key);
  return saved === null ? { id: crypto.randomUUID(), messages: [] } : JSON.parse(saved);
}

export function saveChat(chat: SavedChat): void {
  sessionStorage.setItem(key, JSON.stringify(chat));
}
