import type { StreamRequest } from "@gatestream/protocol";
import type { Answer } from "../answer/answer.ts";
import type { Checkpoint, StreamOptions, StreamStatus } from "../answer/stream-options.ts";
import { createStreamStore } from "../answer/stream-store.ts";
import type { Client } from "../create-client.ts";
import { randomKey } from "../random-key.ts";
import { createChatKeeper } from "./chat-keeper.ts";
import { answerOf, newMessageId, withIds, type KeptMessage } from "./chat-message.ts";
import type { ChatOptions } from "./chat-options.ts";
import type { Chat, ChatSnapshot, SendOptions } from "./chat.ts";
import { readGiven, type Given } from "./given.ts";
import { createMessageTree, type MessageTree } from "./message-tree.ts";
import { requestMessages } from "./request-messages.ts";
import { fromSavedChat, toSavedMessage } from "./saved-chat.ts";

/**
 * Makes a conversation with the answers of `client`. Client and options may be functions: they are
 * asked each time, so that both may change.
 */
export function createChat<Own extends object = object>(
  client: Given<Client<Own>>,
  options: Given<ChatOptions<Own>>,
): Chat<Own> {
  // Events are passed on as they come; what is in those of its own, the caller knows.
  return chatOf(
    client as unknown as Given<Client>,
    options as unknown as Given<ChatOptions>,
  ) as unknown as Chat<Own>;
}

function chatOf(client: Given<Client>, given: Given<ChatOptions>): Chat {
  const options = (): ChatOptions => readGiven(given);
  let tree: MessageTree<KeptMessage> = createMessageTree(initialMessages());
  /** The last answer that was asked for or gone on with, and the message that it fills. */
  let answer: Answer | undefined;
  let message: KeptMessage | undefined;
  /** Whether the message says how the answer has ended. */
  let isWritten = true;
  /** Where the last answer of what was saved can be gone on with, until it is. */
  let restored: Checkpoint | undefined;
  /** Whether there is anything that what was saved must not replace. */
  let hasBegun = false;
  let isLoading = false;
  /** `resume` was called while what was saved is being loaded. */
  let isResumeWanted = false;
  /** Whether the answer is resumed by `retry`, which asks again where that cannot be. */
  let isRetrying = false;
  let queue: { readonly text: string; readonly sending: SendOptions }[] = [];
  let draft = "";
  let omittedCount = 0;
  let undoReset: (() => void) | undefined;
  /** The last request as JSON, and its key. */
  let asked = "";
  let idempotencyKey = "";
  let savedPhase = "ended";
  let lastCreatedAt = 0;

  const keeper = createChatKeeper({
    persist: () => options().persist,
    read() {
      const branches = tree.others().map(toSavedMessage);
      const checkpoint = isLastShown() ? answer?.checkpoint : restored;
      return {
        messages: messages().map(toSavedMessage),
        ...(branches.length > 0 && { branches }),
        ...(checkpoint && { checkpoint }),
        ...(draft && { draft }),
      };
    },
  });
  const store = createStreamStore<ChatSnapshot>(() => ({
    messages: messages(),
    status: statusNow(),
    isRunning: isRunning(),
    canSend: !isRunning() || isQueueing(),
    isLoading,
    error: answer?.error,
    canResume: canResume(),
    canUndo: undoReset !== undefined,
    queued: queue.map(({ text }) => text),
    omittedCount,
    draft,
  }));

  function initialMessages(): readonly KeptMessage[] {
    return withIds(options().initialMessages ?? []);
  }

  function isRunning(): boolean {
    return answer?.isRunning ?? false;
  }

  /** Whether questions wait for the end of the answer. */
  function isQueueing(): boolean {
    return options().whileRunning === "queue";
  }

  /** Whether the answer is what the conversation ends with: another branch may be shown. */
  function isLastShown(): boolean {
    return message !== undefined && tree.shown().at(-1) === message;
  }

  function canResume(): boolean {
    return isLastShown() && (answer?.canResume ?? false);
  }

  function statusNow(): StreamStatus {
    if (answer === undefined) return "idle";
    // It speaks from the next microtask on, but it is under way.
    return answer.status === "idle" ? "connecting" : answer.status;
  }

  /** The answer is not written into the tree before it has ended. */
  function messages(): readonly KeptMessage[] {
    if (!isRunning()) return tree.shown();
    return tree.shown().map((shown) => (shown === message ? messageNow(shown) : shown));
  }

  function messageNow(base: KeptMessage): KeptMessage {
    return answer ? answerOf(base, answer.getSnapshot()) : base;
  }

  /** Of two messages the later one has the later time. */
  function nextTime(): number {
    lastCreatedAt = Math.max(Date.now(), lastCreatedAt + 1);
    return lastCreatedAt;
  }

  /** What the caller itself has done is not kept back until the next frame. */
  function showNow(): void {
    store.change();
    store.flush();
  }

  /** A new phase of the answer is worth saving; the text that comes in between can be read again. */
  function keep(): void {
    const isKept = answer?.checkpoint !== undefined;
    const phase = isRunning() ? (isKept ? "resumable" : "running") : isKept ? "lost" : "ended";
    if (phase === savedPhase) return;
    savedPhase = phase;
    keeper.save();
    if (isRunning()) keeper.saveWhenHidden();
  }

  /** Opens an answer that fills the last message that is shown. */
  function open(base: KeptMessage, start: (heard: StreamOptions) => Answer): void {
    message = base;
    isWritten = false;
    const opened = start({
      onToken(text, all) {
        if (answer === opened) store.change();
        options().onToken?.(text, all);
      },
      onEvent(event) {
        // All that a token changes is the text.
        if (event.type !== "token") onChange();
        // It has an id from now on: by its key one would get what has become of it once more.
        if (answer === opened) asked = "";
        const { onEvent } = options();
        if (onEvent) onEvent(event, answerOf(base, opened.getSnapshot()));
      },
      onStatus(status) {
        onChange();
        options().onStatus?.(status);
      },
      onRetry: (retry) => options().onRetry?.(retry),
      onError(error) {
        options().onError?.(error);
        finish();
      },
      onDone(result) {
        options().onDone?.(result);
        finish();
      },
    });
    answer = opened;
    onChange();

    function onChange(): void {
      if (answer !== opened) return;
      store.change();
      if (!opened.isRunning) onEnd();
      if (answer === opened) keep();
    }

    /** Heard of by each of the last callbacks. */
    function onEnd(): void {
      if (isWritten) return;
      isWritten = true;
      message = messageNow(base);
      tree.replace(message);
      if (isRetrying) {
        isRetrying = false;
        // The relay does not keep the answer any more: then the question is asked again after all.
        if (isGone(opened) && askLast()) return;
      }
      store.flush();
    }

    function finish(): void {
      options().onFinish?.(answerOf(base, opened.getSnapshot()));
      if (answer === opened && opened.status === "done") sendNext();
    }
  }

  /** Asks the last message that is shown. What `prepareRequest` throws leaves all as it was. */
  function ask(): true {
    const { configurationId, onDisconnect, requestLimits, prepareRequest } = options();
    const conversation = tree.shown();
    const fitting = requestMessages(conversation, requestLimits);
    const prepared = {
      configurationId,
      messages: fitting.messages,
      ...(onDisconnect && { onDisconnect }),
    };
    const request: StreamRequest = prepareRequest?.({ ...prepared, conversation }) ?? prepared;
    // What failed here may still be written, and billed, at the relay. What was left is left.
    if (answer?.status === "error") answer.cancel();
    const json = JSON.stringify(request);
    // Where no answer has come the relay may have started one all the same: the same key joins it.
    if (json !== asked || answer?.status !== "error") idempotencyKey = randomKey();
    asked = json;
    omittedCount = fitting.omittedCount;
    begin();
    const base: KeptMessage = {
      id: newMessageId(),
      role: "assistant",
      content: "",
      createdAt: nextTime(),
      status: "streaming",
    };
    tree.add(base);
    open(base, (heard) => readGiven(client).stream(request, { ...heard, idempotencyKey }));
    showNow();
    return true;
  }

  /** From now on what was saved, and what `reset` has cleared, is over. */
  function begin(): void {
    hasBegun = true;
    undoReset = undefined;
    if (restored) {
      restored = undefined;
      // What was shown as going on, and was not resumed, does not.
      const last = tree.shown().findLast(({ status }) => status === "streaming");
      if (last) tree.replace({ ...last, status: "cancelled" });
    }
  }

  function askNew(text: string, { metadata }: SendOptions): true {
    const question = {
      id: newMessageId(),
      role: "user",
      content: text,
      createdAt: nextTime(),
      ...(metadata && { metadata }),
    };
    tree.add(question);
    draft = "";
    try {
      return ask();
    } catch (failure) {
      tree.remove(question.id);
      draft = text;
      throw failure;
    }
  }

  function sendNext(): void {
    const next = queue.shift();
    if (next) askNew(next.text, next.sending);
  }

  /** Asks for another answer to the question at `index` of what is shown. */
  function askAgain(index: number): boolean {
    const shown = tree.shown();
    if (isRunning() || shown[index] === undefined) return false;
    const following = shown[index + 1];
    if (following === undefined) return ask();
    tree.hideFrom(following.id);
    try {
      ask();
    } catch (failure) {
      tree.select(following.id);
      throw failure;
    }
    // An answer of which nothing has come is no branch.
    if (following.content === "" && following.role === "assistant") tree.remove(following.id);
    return true;
  }

  function indexOfQuestion(before = Infinity): number {
    return tree.shown().findLastIndex(({ role }, index) => role === "user" && index <= before);
  }

  const askLast = (): boolean => askAgain(indexOfQuestion());

  function restore(): void {
    if (hasBegun) return;
    hasBegun = true;
    isLoading = true;
    keeper.load(onLoaded);
    // Nothing is loaded where nothing is kept, or at once.
    if (options().persist === undefined) isLoading = false;
    if (isLoading) showNow();
  }

  function onLoaded(value: unknown): void {
    isLoading = false;
    const saved = fromSavedChat(value);
    if (saved) {
      tree = createMessageTree(saved.messages, saved.branches);
      draft ||= saved.draft;
      restored = saved.checkpoint;
      const last = tree.shown().at(-1);
      // It goes on as soon as `resume` is called.
      if (restored && last) tree.replace({ ...last, status: "streaming" });
    }
    showNow();
    if (isResumeWanted) resume();
    if (!isRunning()) sendNext();
  }

  function resume(): boolean {
    if (isRunning()) return false;
    restore();
    isResumeWanted = isLoading;
    if (isLoading) return false;
    if (restored) {
      const checkpoint = restored;
      const base = tree.shown().at(-1);
      restored = undefined;
      if (base) open(base, (heard) => readGiven(client).resume(checkpoint, heard));
    } else {
      if (!canResume()) return false;
      isWritten = false;
      answer?.resume();
    }
    showNow();
    return true;
  }

  function clear(): void {
    hasBegun = true;
    restored = undefined;
    isRetrying = false;
    queue = [];
    omittedCount = 0;
    const cleared = answer;
    answer?.cancel();
    if (answer === cleared) answer = message = undefined;
    savedPhase = "ended";
  }

  if (options().autoResume ?? true) resume();
  return {
    send(text, sending = {}) {
      if (text.trim() === "") return false;
      const isWaiting = isRunning() && isQueueing();
      if (isWaiting || isLoading) {
        queue.push({ text, sending });
        draft = "";
        showNow();
        return true;
      }
      return !isRunning() && askNew(text, sending);
    },
    stop() {
      draft = [...queue.map(({ text }) => text), draft].filter(Boolean).join("\n");
      queue = [];
      answer?.cancel();
      keep();
      showNow();
    },
    retry() {
      if (isRunning()) return false;
      isRetrying = true;
      if (resume()) return true;
      isRetrying = false;
      return askLast();
    },
    regenerate(messageId) {
      if (messageId === undefined) return askLast();
      const index = tree.shown().findIndex(({ id }) => id === messageId);
      return index !== -1 && askAgain(indexOfQuestion(index));
    },
    edit(id, text) {
      const question = tree.shown().find((shown) => shown.id === id && shown.role === "user");
      if (isRunning() || question === undefined || text.trim() === "") return false;
      const { metadata } = question;
      tree.hideFrom(id);
      try {
        return askNew(text, { metadata });
      } catch (failure) {
        tree.select(id);
        throw failure;
      }
    },
    branches: (id) =>
      tree.branches(id).toSorted((one, other) => (one.createdAt ?? 0) - (other.createdAt ?? 0)),
    selectBranch(id) {
      if (isRunning() || !tree.select(id)) return false;
      keeper.save();
      showNow();
      return true;
    },
    setMessages(others) {
      if (isRunning()) return false;
      clear();
      tree = createMessageTree(withIds(others));
      keeper.save();
      showNow();
      return true;
    },
    setDraft(text) {
      draft = text;
      keeper.saveWhenHidden();
      showNow();
    },
    reset() {
      clear();
      const cleared = { tree, draft };
      undoReset = () => {
        ({ tree, draft } = cleared);
      };
      tree = createMessageTree(initialMessages());
      draft = "";
      showNow();
      keeper.clear();
    },
    undo() {
      if (undoReset === undefined || isRunning()) return false;
      undoReset();
      undoReset = undefined;
      keeper.save();
      showNow();
      return true;
    },
    restore,
    resume,
    dispose({ leaveRunning = options().persist !== undefined } = {}) {
      if (leaveRunning && answer?.checkpoint) answer.detach();
      else answer?.cancel();
    },
    subscribe: store.subscribe,
    getSnapshot: store.getSnapshot,
  };
}

/** Whether the relay has said that it does not have the answer, or not that far. */
function isGone({ error }: Answer): boolean {
  return error?.status !== undefined && [204, 404, 409].includes(error.status);
}
