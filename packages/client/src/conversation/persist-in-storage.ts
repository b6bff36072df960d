import { notify } from "../notify.ts";
import type { BranchMessage } from "./message-tree.ts";
import type { ChatPersistence, SavedChat, SavedMessage } from "./saved-chat.ts";

/** A conversation in a list of them. */
export interface ConversationSummary {
  readonly id: string;
  /** The first question, at most 80 characters of it. */
  readonly title: string;
  /** When it was saved last, in milliseconds since 1970. */
  readonly savedAt: number;
}

/** What was removed from a full storage, or not saved. */
export interface DroppedFromStorage {
  /** The ids of conversations that were removed, the oldest first. */
  readonly conversations: readonly string[];
  /** How many of the oldest messages of the conversation itself were not saved. */
  readonly messageCount: number;
}

export interface StorageOptions {
  /**
   * The owner of the conversations. What another user has stored under the key is removed on the
   * first read.
   *
   * @defaultValue no user
   */
  readonly user?: string | undefined;
  /** Called when the storage was full, with what was removed. */
  readonly onDropped?: ((dropped: DroppedFromStorage) => void) | undefined;
}

/** Conversations in a browser's storage: itself the one of the key, and any number of named ones. */
export interface StoredConversations extends ChatPersistence {
  load(): SavedChat | undefined;
  /** All that is saved under the key, the newest first. */
  list(): readonly ConversationSummary[];
  /** Where the conversation of that id is kept; `""` is that of the key. */
  conversation(id: string): StoredConversations;
}

/** The longest `data` of a file that is stored, in characters of base64. */
const maxDataChars = 262_144;

/** Leaves a file's longer data out: it would take the place of whole conversations. */
function shortData(name: string, value: unknown): unknown {
  return name === "data" && typeof value === "string" && value.length > maxDataChars
    ? undefined
    : value;
}

/** What is stored. */
interface StoredChat extends SavedChat {
  readonly user?: string | undefined;
  readonly savedAt?: number | undefined;
}

/**
 * Keeps conversations in the tab's `sessionStorage` under `key`: they survive a reload, and an answer
 * that the relay keeps is resumed. Without a storage they are not kept; when it is full, the oldest are
 * removed first, and an older copy is never restored. Of a file whose `data` has more than 262,144
 * characters everything else is kept.
 */
export function persistInSession(key: string, options: StorageOptions = {}): StoredConversations {
  return storedIn(() => sessionStorage, key, options);
}

/**
 * Keeps conversations in the browser's `localStorage` under `key`, as {@link persistInSession} does,
 * for all tabs and the next visit. Two tabs with the same conversation keep what both have written:
 * what the other one has added is a branch.
 */
export function persistLocally(key: string, options: StorageOptions = {}): StoredConversations {
  return storedIn(() => localStorage, key, options);
}

function storedIn(
  storage: () => Storage,
  key: string,
  { user, onDropped }: StorageOptions,
): StoredConversations {
  const itemOf = (id: string): string => (id === "" ? key : `${key}:${id}`);

  function read(item: string): StoredChat | undefined {
    try {
      const stored: unknown = JSON.parse(storage().getItem(item) ?? "");
      return typeof stored === "object" && stored !== null ? (stored as StoredChat) : undefined;
    } catch {
      // Invalid JSON, or a browser without storage: its getter throws.
      return undefined;
    }
  }

  /** The ids that are saved, of every user; none without a storage. */
  function ids(): readonly string[] {
    try {
      return Object.keys(storage()).flatMap((item) =>
        item === key ? [""] : item.startsWith(`${key}:`) ? [item.slice(key.length + 1)] : [],
      );
    } catch {
      return [];
    }
  }

  function forget(id: string): void {
    try {
      storage().removeItem(itemOf(id));
    } catch {
      // There is none.
    }
  }

  function forgetOtherUsers(): void {
    for (const id of ids()) {
      const stored = read(itemOf(id));
      if (stored && stored.user !== user) forget(id);
    }
  }

  function list(): readonly ConversationSummary[] {
    forgetOtherUsers();
    return ids()
      .map((id) => {
        const { messages, savedAt = 0 } = read(itemOf(id)) ?? {};
        const question = Array.isArray(messages) && messages.find(({ role }) => role === "user");
        return { id, savedAt, title: question ? String(question.content).slice(0, 80) : "" };
      })
      .toSorted((one, other) => other.savedAt - one.savedAt);
  }

  /** Writes as much as fits: older conversations are removed first, then older messages. */
  function write(id: string, saved: StoredChat): void {
    const conversations: string[] = [];
    let messageCount = 0;
    let { messages } = saved;
    // Before the new copy: a full storage must not keep an older one, which a reload would show.
    forget(id);
    for (;;) {
      try {
        storage().setItem(itemOf(id), JSON.stringify({ ...saved, messages }, shortData));
        break;
      } catch {
        const oldest = list().findLast((other) => other.id !== id);
        if (oldest) {
          forget(oldest.id);
          conversations.push(oldest.id);
        } else if (messages.length > 2) {
          messageCount += 2;
          messages = messages.slice(2);
        } else break;
      }
    }
    if (conversations.length + messageCount > 0) notify(onDropped, { conversations, messageCount });
  }

  function conversation(id: string): StoredConversations {
    /** Messages that this page knows; any other one was written by another page. */
    const known = new Set<string>();
    const learn = ({ messages, branches = [] }: SavedChat): void => {
      for (const message of [...messages, ...branches]) known.add(message.id);
    };
    return {
      load() {
        forgetOtherUsers();
        const stored = read(itemOf(id));
        if (Array.isArray(stored?.messages)) learn(stored);
        return stored;
      },
      save(saved) {
        const stored = read(itemOf(id));
        const others = (stored?.user === user ? withParents(stored) : []).filter(
          (message) => !known.has(message.id),
        );
        learn(saved);
        const branches = [...(saved.branches ?? []), ...others];
        write(id, {
          ...saved,
          ...(branches.length > 0 && { branches }),
          ...(user !== undefined && { user }),
          savedAt: Date.now(),
        });
      },
      clear: () => forget(id),
      list,
      conversation,
    };
  }

  return conversation("");
}

/** All messages of a conversation as branches: each with the one that it follows. */
function withParents(stored: StoredChat | undefined): readonly BranchMessage<SavedMessage>[] {
  if (!Array.isArray(stored?.messages)) return [];
  const shown = stored.messages.map((message, index) => {
    const parentId = stored.messages[index - 1]?.id;
    return { ...message, ...(parentId !== undefined && { parentId }) };
  });
  return [...shown, ...(stored.branches ?? [])];
}
