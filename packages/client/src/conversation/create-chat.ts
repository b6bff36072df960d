import type { Client } from "../create-client.ts";
import type { StreamError } from "../stream-error.ts";
import type { Checkpoint } from "../answer/stream-options.ts";
import { createStreamStore } from "../answer/stream-store.ts";
import { createChatKeeper } from "./chat-keeper.ts";
import { answerOf, newMessageId, withIds, type ChatMessage } from "./chat-message.ts";
import type { ChatOptions } from "./chat-options.ts";
import type { Chat, ChatSnapshot } from "./chat.ts";
import { readGiven, type Given } from "./given.ts";
import { requestMessages } from "./request-messages.ts";
import { createStreamHolder } from "./stream-holder.ts";

/**
 * Makes a conversation with the answers of `client`. Client and options may be functions: they are
 * asked each time, so that both may change.
 */
export function createChat<Own extends object = object>(
  client: Given<Client<Own>>,
  given: Given<ChatOptions<Own>>,
): Chat {
  const options = (): ChatOptions<Own> => readGiven(given);
  /** All messages but the answer that is the holder's stream. */
  let history = withIds(options().initialMessages ?? []);
  let answerId: string | undefined;
  /** Whether there is anything that what was saved must not replace. */
  let hasBegun = false;
  /** Where the last answer of what was saved can be gone on with, until it is. */
  let restored: Checkpoint | undefined;
  /** Whether the answer is resumed by `retry`, which asks again where that cannot be. */
  let isRetrying = false;
  const holder = createStreamHolder({ client, options: given, onChange });
  const keeper = createChatKeeper({
    persist: () => options().persist,
    holder,
    messages: allMessages,
  });
  const store = createStreamStore<ChatSnapshot>(() => {
    const { status, error } = holder.snapshot;
    const canResume = !holder.isRunning && holder.checkpoint !== undefined;
    return { messages: allMessages(), status, error, canResume };
  });

  function allMessages(): readonly ChatMessage[] {
    return answerId === undefined ? history : [...history, answerOf(answerId, holder.snapshot)];
  }

  function onChange(): void {
    if (isRetrying && !holder.isRunning) {
      isRetrying = false;
      // The relay does not keep the answer any more: then the question is asked again after all.
      if (holder.snapshot.status === "error" && isGone(holder.snapshot.error) && askLast()) return;
    }
    store.change();
    if (!holder.isRunning) store.flush();
    keeper.change();
  }

  function restore(): void {
    if (hasBegun) return;
    hasBegun = true;
    const saved = keeper.load();
    if (saved === undefined) return;
    history = saved.messages;
    restored = saved.checkpoint;
    // It continues as soon as `resume` is called.
    if (restored)
      history = history.map((message, index) =>
        index === history.length - 1 ? { ...message, status: "streaming" } : message,
      );
    store.change();
    store.flush();
  }

  function ask(messages: readonly ChatMessage[]): true {
    const { configurationId, onDisconnect, requestLimits } = options();
    hasBegun = true;
    restored = undefined;
    // What was shown as going on, and was not resumed, does not.
    history = messages.map((message) =>
      message.status === "streaming" ? { ...message, status: "cancelled" } : message,
    );
    answerId = newMessageId();
    holder.start({
      configurationId,
      messages: requestMessages(messages, requestLimits),
      ...(onDisconnect && { onDisconnect }),
    });
    store.flush();
    return true;
  }

  function askAt(isQuestion: (message: ChatMessage) => boolean, text?: string): boolean {
    if (holder.isRunning) return false;
    const { messages } = store.getSnapshot();
    const index = messages.findLastIndex(
      (message) => message.role === "user" && isQuestion(message),
    );
    const question = messages[index];
    if (question === undefined) return false;
    const asked = text === undefined ? question : { ...question, content: text };
    return ask([...messages.slice(0, index), asked]);
  }

  function resume(): boolean {
    if (holder.isRunning) return false;
    restore();
    const checkpoint = holder.checkpoint ?? restored;
    if (restored) {
      // From now on it is the holder's.
      answerId = history.at(-1)?.id;
      history = history.slice(0, -1);
      restored = undefined;
    }
    if (checkpoint) holder.resume(checkpoint);
    store.change();
    store.flush();
    return checkpoint !== undefined;
  }

  const askLast = (): boolean => askAt(() => true);

  function retry(): boolean {
    if (holder.isRunning) return false;
    if (holder.checkpoint === undefined) return askLast();
    isRetrying = true;
    return resume();
  }

  if (options().autoResume ?? true) resume();
  return {
    send(text) {
      if (holder.isRunning || isBlank(text)) return false;
      const { messages } = store.getSnapshot();
      return ask([...messages, { id: newMessageId(), role: "user", content: text }]);
    },
    stop: holder.cancel,
    retry,
    edit: (id, text) => !isBlank(text) && askAt((message) => message.id === id, text),
    reset() {
      hasBegun = true;
      restored = undefined;
      isRetrying = false;
      history = withIds(options().initialMessages ?? []);
      answerId = undefined;
      holder.forget();
      store.change();
      store.flush();
      keeper.clear();
    },
    restore,
    resume,
    dispose({ leaveRunning = options().persist !== undefined } = {}) {
      if (leaveRunning) holder.disconnect();
      else holder.cancel();
    },
    subscribe: store.subscribe,
    getSnapshot: store.getSnapshot,
  };
}

/** Whether the relay has said that it does not have the answer, or not that far. */
function isGone(error: StreamError | undefined): boolean {
  return error?.status !== undefined && [204, 404, 409].includes(error.status);
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}
