import { notify } from "../notify.ts";
import type { ChatMessage } from "./chat-message.ts";
import { onPageHidden } from "./page-hidden.ts";
import {
  fromSavedChat,
  toSavedChat,
  type ChatPersistence,
  type RestoredChat,
} from "./saved-chat.ts";
import type { StreamHolder } from "./stream-holder.ts";

/** Keeps a conversation where the caller wants it kept, and gives it back. */
export interface ChatKeeper {
  /** The stream has changed; it is saved when that is worth it. */
  change(): void;
  load(): RestoredChat | undefined;
  clear(): void;
}

export interface ChatKeeperOptions {
  readonly persist: () => ChatPersistence | undefined;
  readonly holder: StreamHolder;
  readonly messages: () => readonly ChatMessage[];
}

export function createChatKeeper({ persist, holder, messages }: ChatKeeperOptions): ChatKeeper {
  let savedPhase = "ended";
  let stopHearing = (): void => {};

  /** What it throws is reported as its own. */
  function withPersistence(use: (persistence: ChatPersistence) => void): void {
    const persistence = persist();
    if (persistence) notify(use, persistence);
  }

  function save(): void {
    withPersistence((persistence) => {
      persistence.save(toSavedChat(messages(), holder.checkpoint));
    });
  }

  /** A new one is worth saving; the text that comes in between can be read again. */
  function phaseOfAnswer(): string {
    const isKept = holder.checkpoint !== undefined;
    if (!holder.isRunning) return isKept ? "lost" : "ended";
    return isKept ? "resumable" : "running";
  }

  return {
    change() {
      const phase = phaseOfAnswer();
      if (phase === savedPhase) return;
      savedPhase = phase;
      stopHearing();
      if (holder.isRunning) stopHearing = onPageHidden(save);
      save();
    },
    load() {
      let loaded: unknown;
      withPersistence((persistence) => {
        loaded = persistence.load();
      });
      return fromSavedChat(loaded);
    },
    clear: () => withPersistence((persistence) => persistence.clear()),
  };
}
