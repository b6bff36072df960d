import type { StreamRequest } from "@gatestream/protocol";
import type { Answer } from "../answer/answer.ts";
import type { Checkpoint, StreamOptions } from "../answer/stream-options.ts";
import type { Client } from "../create-client.ts";
import { answerOf, type KeptMessage } from "./chat-message.ts";
import type { ChatOptions } from "./chat-options.ts";
import type { MessageTree } from "./message-tree.ts";
import { createRequestKey } from "./request-key.ts";

/** The last answer of a conversation, and the message that it fills: one at a time. */
export interface ChatAnswer {
  /** Undefined until an answer was asked for or resumed, and after `drop`. */
  current(): Answer | undefined;
  isRunning(): boolean;
  /** Whether the conversation ends with it: another branch may be shown. */
  isLastShown(): boolean;
  /** What is shown. The answer is not written into the tree before it has ended. */
  messages(): readonly KeptMessage[];
  /** Asks for an answer that fills `base`. What failed before is cancelled. */
  start(base: KeptMessage, request: StreamRequest): void;
  /** Resumes an answer that another page has left, and that fills `base`. */
  follow(base: KeptMessage, checkpoint: Checkpoint): void;
  /** Resumes the last answer. */
  resume(): void;
  /** Cancels and forgets it. */
  drop(): void;
}

export interface ChatAnswerOptions {
  readonly client: () => Client;
  readonly tree: () => MessageTree<KeptMessage>;
  /** Whose listeners are called. */
  readonly options: () => ChatOptions;
  /** Something of the answer has changed. */
  readonly onChange: () => void;
  /** More than its text has changed. */
  readonly onProgress: () => void;
  /** It has ended, and is written. */
  readonly onEnd: (answer: Answer) => void;
  /** The caller's listeners know of its end. */
  readonly onFinish: (answer: Answer) => void;
}

export function createChatAnswer({
  client,
  tree,
  options,
  onChange,
  onProgress,
  onEnd,
  onFinish,
}: ChatAnswerOptions): ChatAnswer {
  let answer: Answer | undefined;
  let message: KeptMessage | undefined;
  /** Whether the message says how the answer has ended. */
  let isWritten = true;
  const requestKey = createRequestKey();
  const isRunning = (): boolean => answer?.isRunning ?? false;

  function open(base: KeptMessage, start: (listeners: StreamOptions) => Answer): void {
    message = base;
    isWritten = false;
    const messageNow = (): KeptMessage => answerOf(base, opened.getSnapshot());

    function change(): void {
      if (answer !== opened) return;
      onChange();
      if (!opened.isRunning && !isWritten) {
        isWritten = true;
        message = messageNow();
        tree().replace(message);
        onEnd(opened);
      }
      if (answer === opened) onProgress();
    }

    function finish(): void {
      options().onFinish?.(messageNow());
      if (answer === opened) onFinish(opened);
    }

    const opened = start({
      onToken(text, all) {
        if (answer === opened) onChange();
        options().onToken?.(text, all);
      },
      onEvent(event) {
        // All that a token changes is the text.
        if (event.type !== "token") change();
        if (answer === opened) requestKey.forget();
        const { onEvent } = options();
        if (onEvent) onEvent(event, messageNow());
      },
      onStatus(status) {
        change();
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
    change();
  }

  return {
    current: () => answer,
    isRunning,
    isLastShown: () => message !== undefined && tree().shown().at(-1) === message,
    messages() {
      const shown = tree().shown();
      if (answer === undefined || !answer.isRunning) return shown;
      const now = answer.getSnapshot();
      return shown.map((one) => (one === message ? answerOf(one, now) : one));
    },
    start(base, request) {
      const idempotencyKey = requestKey.next(request, answer);
      open(base, (listeners) => client().stream(request, { ...listeners, idempotencyKey }));
    },
    follow: (base, checkpoint) => open(base, (listeners) => client().resume(checkpoint, listeners)),
    resume() {
      isWritten = false;
      answer?.resume();
    },
    drop() {
      const dropped = answer;
      answer?.cancel();
      // Its listeners may have asked for another one.
      if (answer === dropped) answer = message = undefined;
    },
  };
}
