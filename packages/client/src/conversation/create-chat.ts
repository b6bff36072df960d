import type { StreamRequest } from "@gatestream/protocol";
import type { Answer } from "../answer/answer.ts";
import type { Checkpoint, StreamStatus } from "../answer/stream-options.ts";
import { createStreamStore } from "../answer/stream-store.ts";
import type { Client } from "../create-client.ts";
import { findRunning } from "../conversation-of.ts";
import { notify } from "../notify.ts";
import { watchPage } from "../recovery/page-life.ts";
import { isStreamError, StreamError } from "../stream-error.ts";
import { createChatAnswer } from "./chat-answer.ts";
import { createChatKeeper } from "./chat-keeper.ts";
import { newMessageId, withIds, type KeptMessage } from "./chat-message.ts";
import type { ChatOptions } from "./chat-options.ts";
import type { Chat, ChatSnapshot, SendOptions } from "./chat.ts";
import { toValue, type MaybeGetter } from "./to-value.ts";
import { createMessageTree, type MessageTree } from "./message-tree.ts";
import { requestMessages } from "./request-messages.ts";
import { fromSavedChat, toSavedMessage, type RestoredChat } from "./saved-chat.ts";
import { isOpenCall, withToolResults } from "./tool-results.ts";

/**
 * Makes a conversation with the answers of `client`. Client and options may be functions: they are
 * called each time, so that both may change.
 */
export function createChat<Events extends object = object>(
  client: MaybeGetter<Client<Events>>,
  options: MaybeGetter<ChatOptions<Events>>,
): Chat<Events> {
  // Events are passed on as they come; the caller knows the fields of their own events.
  return chatOf(
    client as unknown as MaybeGetter<Client>,
    options as unknown as MaybeGetter<ChatOptions>,
  ) as unknown as Chat<Events>;
}

function chatOf(client: MaybeGetter<Client>, given: MaybeGetter<ChatOptions>): Chat {
  const options = (): ChatOptions => toValue(given);
  let tree: MessageTree<KeptMessage> = createMessageTree(initialMessages());
  /** Where the last answer of the saved conversation can be resumed, until it is. */
  let restored: Checkpoint | undefined;
  /** Whether the conversation must not be replaced by a saved one any more. */
  let hasBegun = false;
  let isLoading = false;
  /** `resume` was called while the saved conversation is being loaded. */
  let isResumeWanted = false;
  /** Whether `retry` is resuming the answer; if the relay no longer has it, the question is sent again. */
  let isRetrying = false;
  let queue: { readonly text: string; readonly sending: SendOptions }[] = [];
  let draft = "";
  let omittedCount = 0;
  let undoReset: (() => void) | undefined;
  /** Set while tools are called. */
  let calling: AbortController | undefined;
  let toolError: StreamError | undefined;
  /** Whether another page has asked for the answer, and calls its tools. */
  let isAdopted = false;
  let stopWatching: (() => void) | undefined;
  let savedPhase = "ended";
  let lastCreatedAt = 0;

  const {
    current,
    isRunning: isAnswering,
    isLastShown,
    messages,
    ...last
  } = createChatAnswer({
    client: () => toValue(client),
    tree: () => tree,
    options,
    onChange: () => store.change(),
    onProgress: keep,
    onEnd(ended) {
      // The relay no longer has the answer: send the question again.
      const isAskedAgain = isRetrying && isGone(ended);
      isRetrying = false;
      if (isAskedAgain && askLast()) return;
      if (ended.status === "done" && !isAdopted) callTools();
      store.flush();
    },
    onFinish: ({ status }) => status === "done" && !isRunning() && sendNext(),
  });
  const keeper = createChatKeeper({
    persist: () => options().persist,
    read() {
      const branches = tree.others().map(toSavedMessage);
      return {
        messages: messages().map(toSavedMessage),
        branches: branches.length > 0 ? branches : undefined,
        checkpoint: isLastShown() ? current()?.checkpoint : restored,
        draft: draft || undefined,
      };
    },
  });
  const store = createStreamStore<ChatSnapshot>(() => ({
    messages: messages(),
    status: statusNow(),
    queuePosition: current()?.queuePosition,
    isRunning: isRunning(),
    canSend: !isRunning() || isQueueing(),
    isLoading,
    error: toolError ?? current()?.error,
    canResume: canResume(),
    canUndo: undoReset !== undefined,
    queued: queue.map(({ text }) => text),
    omittedCount,
    draft,
  }));

  function initialMessages(): readonly KeptMessage[] {
    return withIds(options().initialMessages ?? []);
  }

  /** Whether questions wait for the end of the answer. */
  function isQueueing(): boolean {
    return options().whileRunning === "queue";
  }

  function isRunning(): boolean {
    return calling !== undefined || isAnswering();
  }

  function canResume(): boolean {
    return isLastShown() && (current()?.canResume ?? false);
  }

  function statusNow(): StreamStatus {
    if (toolError) return "error";
    const { status = "idle" } = current() ?? {};
    // An answer is `idle` until the next microtask.
    return calling || (status === "idle" && isRunning()) ? "connecting" : status;
  }

  /** Later messages have later times. */
  function nextTime(): number {
    lastCreatedAt = Math.max(Date.now(), lastCreatedAt + 1);
    return lastCreatedAt;
  }

  /** What the caller has done is shown at once, not with the next frame. */
  function showNow(): void {
    store.change();
    store.flush();
  }

  /** Saves each new phase of the answer; text in between can be read again from the relay. */
  function keep(): void {
    const isKept = current()?.checkpoint !== undefined;
    const phase = isRunning() ? (isKept ? "resumable" : "running") : isKept ? "lost" : "ended";
    if (phase === savedPhase) return;
    savedPhase = phase;
    keeper.save();
    if (isRunning()) keeper.saveWhenHidden();
  }

  /** Requests an answer to the last message shown. If `prepareRequest` throws, nothing has changed. */
  function ask(): true {
    const {
      configurationId,
      conversationId,
      requestMetadata: metadata,
      onDisconnect,
      requestLimits,
      prepareRequest,
      options: common,
    } = options();
    const conversation = tree.shown();
    const answerOptions = { ...common, ...conversation[indexOfQuestion()]?.options };
    const fitting = requestMessages(conversation, requestLimits, answerOptions);
    const prepared = {
      configurationId,
      messages: fitting.messages,
      ...(conversationId && { conversationId }),
      ...(onDisconnect && { onDisconnect }),
      ...(metadata && { metadata }),
      ...(Object.keys(answerOptions).length > 0 && { options: answerOptions }),
    };
    const request: StreamRequest = prepareRequest?.({ ...prepared, conversation }) ?? prepared;
    omittedCount = fitting.omittedCount;
    toolError = undefined;
    begin();
    last.start(addAnswer(), request);
    showNow();
    return true;
  }

  function addAnswer(): KeptMessage {
    const base: KeptMessage = {
      id: newMessageId(),
      role: "assistant",
      content: "",
      createdAt: nextTime(),
      status: "streaming",
    };
    tree.add(base);
    return base;
  }

  /** Discards the saved conversation that was not resumed, and what `reset` has cleared. */
  function begin(): void {
    hasBegun = true;
    isAdopted = false;
    undoReset = undefined;
    if (restored) {
      restored = undefined;
      // It was shown as streaming, and was not resumed.
      const unfinished = tree.shown().findLast(({ status }) => status === "streaming");
      if (unfinished) tree.replace({ ...unfinished, status: "cancelled" });
    }
  }

  /** Calls the tools of the last message, then requests the next answer. False if there are none. */
  function callTools(isRetry = false): boolean {
    const { onToolCall, maxToolRounds = 8 } = options();
    const shown = tree.shown();
    const message = shown.at(-1);
    if (!onToolCall || !message?.parts?.some(isOpenCall)) return false;
    const roundCount = shown.length - 1 - indexOfQuestion();
    const isTooOften = roundCount > maxToolRounds && !isRetry;
    void runTools(message, isTooOften ? tooOften : onToolCall);
    return true;
  }

  async function runTools(
    message: KeptMessage,
    onToolCall: NonNullable<ChatOptions["onToolCall"]>,
  ): Promise<void> {
    const { signal } = (calling = new AbortController());
    toolError = undefined;
    try {
      // The answer's own listeners are called first.
      await Promise.resolve();
      if (signal.aborted) return;
      const called = await withToolResults(message.parts ?? [], onToolCall, signal);
      if (signal.aborted) return;
      calling = undefined;
      // Calls that have a result are not called again by `retry`.
      tree.replace({ ...message, parts: called.parts });
      if (called.failures.length > 0) throw called.failures[0];
      ask();
    } catch (cause) {
      if (signal.aborted) return;
      calling = undefined;
      toolError = new StreamError("tool", "A tool that the model has called failed.", { cause });
      keeper.save();
      showNow();
      notify(options().onError, toolError);
    }
  }

  function stopTools(): void {
    calling?.abort();
    calling = toolError = undefined;
  }

  function askNew(text: string, { attachments, metadata, options: own }: SendOptions): true {
    const question = {
      id: newMessageId(),
      role: "user",
      content: text,
      createdAt: nextTime(),
      attachments,
      metadata,
      options: own,
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

  /** Requests another answer to the question at `index` of the shown messages. */
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
    // An empty answer is no branch.
    const isEmpty = following.content === "" && !following.parts?.length;
    if (isEmpty && following.role === "assistant") tree.remove(following.id);
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
    // Without `persist` nothing is loaded.
    if (options().persist === undefined) isLoading = false;
    if (isLoading) showNow();
  }

  function onLoaded(value: unknown): void {
    isLoading = false;
    showSaved(fromSavedChat(value));
    showNow();
    if (isResumeWanted) resume();
    if (!isRunning()) sendNext();
  }

  function showSaved(saved: RestoredChat | undefined): void {
    if (saved === undefined) return;
    tree = createMessageTree(saved.messages, saved.branches);
    draft ||= saved.draft;
    restored = saved.checkpoint;
    const unfinished = restored && tree.shown().at(-1);
    // It continues as soon as `resume` is called.
    if (unfinished) tree.replace({ ...unfinished, status: "streaming" });
  }

  function resume(): boolean {
    if (isRunning()) return false;
    restore();
    isResumeWanted = isLoading;
    if (isLoading) return false;
    if (resumeLast()) return true;
    stopWatching ??= options().conversationId
      ? watchPage((state) => state === "awake" && void adopt())
      : undefined;
    void adopt();
    return false;
  }

  function resumeLast(): boolean {
    if (restored) {
      const checkpoint = restored;
      const base = tree.shown().at(-1);
      restored = undefined;
      if (base) last.follow(base, checkpoint);
    } else {
      if (!canResume()) return false;
      last.resume();
    }
    showNow();
    return true;
  }

  /** Follows the answer that another page has asked for in this conversation, if one is running. */
  async function adopt(): Promise<void> {
    const { conversationId, persist, onError } = options();
    if (!conversationId || isRunning()) return;
    try {
      const streamId = await findRunning(toValue(client).transport, conversationId);
      if (streamId === undefined) return;
      // The other page may have saved its question.
      const saved = fromSavedChat(await persist?.load());
      if (isRunning()) return;
      // This page's own answer has ended here: with `stop`, or because it broke off.
      if (streamId === current()?.id) resumeLast();
      else {
        const isSaved = saved?.checkpoint?.streamId === streamId;
        if (isSaved) showSaved(saved);
        isAdopted = true;
        if (!isSaved || !resumeLast())
          last.follow(addAnswer(), { streamId, lastEventId: 0, text: "" });
      }
      showNow();
    } catch (failure) {
      // What may pass is asked again when the page is visible again.
      if (isStreamError(failure)) {
        if (!failure.retryable) notify(onError, failure);
      } else {
        notify(() => {
          throw failure;
        });
      }
    }
  }

  function clear(): void {
    hasBegun = true;
    restored = undefined;
    isRetrying = false;
    queue = [];
    omittedCount = 0;
    stopTools();
    last.drop();
    savedPhase = "ended";
  }

  if (options().autoResume ?? true) resume();
  return {
    send(text, sending = {}) {
      if (text.trim() === "" && !sending.attachments?.length) return false;
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
      stopTools();
      current()?.cancel();
      keep();
      showNow();
    },
    retry() {
      if (isRunning()) return false;
      if (toolError && callTools(true)) {
        showNow();
        return true;
      }
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
      tree.hideFrom(id);
      try {
        return askNew(text, question);
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
    removeQueued(index) {
      if (queue[index] === undefined) return false;
      queue = queue.toSpliced(index, 1);
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
    dispose({ onUnmount = options().persist ? "detach" : "cancel" } = {}) {
      stopWatching?.();
      stopWatching = undefined;
      stopTools();
      const answer = current();
      if (onUnmount === "detach" && answer?.checkpoint) answer.detach();
      else answer?.cancel();
    },
    subscribe: store.subscribe,
    getSnapshot: store.getSnapshot,
  };
}

function tooOften(): never {
  throw new Error("Too many answers in a row have called tools: see maxToolRounds.");
}

/** Whether the relay no longer has the answer, or not from the last event on. */
function isGone({ error }: Answer): boolean {
  return error?.status !== undefined && [204, 404, 409].includes(error.status);
}
