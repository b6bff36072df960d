import type { AnswerOptions, OnDisconnect, StreamRequest } from "@gatestream/protocol";
import type { ToolCallPart } from "../answer/answer-parts.ts";
import type { StreamOptions } from "../answer/stream-options.ts";
import type { OwnEvent, StreamEvent } from "../stream-events.ts";
import type { ChatMessage, InitialMessage } from "./chat-message.ts";
import type { RequestLimits } from "./request-messages.ts";
import type { ChatPersistence } from "./saved-chat.ts";

/** The request for an answer, before it is sent. */
export interface PreparedRequest<Events extends object = object> extends StreamRequest {
  /** The whole conversation, the question last; `messages` is what fits the relay's limits. */
  readonly conversation: readonly ChatMessage<OwnEvent<Events>>[];
}

/** What a conversation needs, and the listeners of its answers. Only `configurationId` is required. */
export interface ChatOptions<Events extends object = object> extends Omit<
  StreamOptions<Events>,
  "signal" | "onEvent"
> {
  /** Which configuration of the gateway answers. Read for each answer: it may change in between. */
  readonly configurationId: string;
  /**
   * Your own name for the conversation, sent with each request. When the chat begins, and when its page
   * is visible again, it asks the relay for an answer of the conversation that another tab or device is
   * receiving, and shows that as its last message. Answers must be resumable to be found. Where the
   * relay's `auth` is `none` it must be random, of 16 characters or more.
   *
   * @defaultValue none: nothing is asked
   */
  readonly conversationId?: string | undefined;
  /**
   * How answers are made, such as `{ temperature: 0.2 }` or the `tools` that the model may call; the
   * relay's `allowedOptions` must name them. Read for each answer.
   *
   * @defaultValue none
   */
  readonly options?: AnswerOptions | undefined;
  /**
   * For the operator's record, sent with each request: up to 16 strings, of 512 characters each.
   *
   * @defaultValue none
   */
  readonly requestMetadata?: Readonly<Record<string, string>> | undefined;
  /**
   * Runs a tool that the model has called. What it returns, or what its promise resolves with, is the
   * call's `result`: a string as it is, anything else as JSON. When the calls of an answer have their
   * results, the next answer is requested with them. If it throws, the conversation stops with an error
   * of the code `tool`, and `retry()` calls it again. `signal` is aborted by `stop()`.
   *
   * @defaultValue tool calls are only shown
   */
  readonly onToolCall?:
    | ((call: ToolCallPart, options: { readonly signal: AbortSignal }) => unknown)
    | undefined;
  /**
   * How many answers in a row may call tools before the conversation stops with an error of the code
   * `tool`.
   *
   * @defaultValue 8
   */
  readonly maxToolRounds?: number | undefined;
  /**
   * What the conversation begins with, such as a system message or a greeting, and returns to on
   * `reset`. They are sent with each question.
   *
   * @defaultValue none
   */
  readonly initialMessages?: readonly InitialMessage[] | undefined;
  /**
   * Where the conversation is kept, `persistInSession("chat")` say; after a reload in
   * the middle of an answer it is resumed if the relay keeps it.
   *
   * @defaultValue nowhere
   */
  readonly persist?: ChatPersistence | undefined;
  /**
   * What happens to an answer at the relay when the connection ends.
   *
   * @defaultValue `"detach"` for a client that is `resumable`, `"abort"` for any other one
   */
  readonly onDisconnect?: OnDisconnect | undefined;
  /**
   * What `send` does while an answer is running: `"refuse"` returns false and does nothing; `"queue"`
   * sends the question once the answer is done (`queued` in the snapshot).
   *
   * @defaultValue `"refuse"`
   */
  readonly whileRunning?: "refuse" | "queue" | undefined;
  /**
   * What the relay accepts in one request, when its limits are not the default ones. The oldest
   * exchanges are left out of a request that would be above them; they stay in the conversation, and
   * `omittedCount` is how many messages were left out.
   *
   * @defaultValue the relay's defaults
   */
  readonly requestLimits?: RequestLimits | undefined;
  /**
   * Changes the request before it is sent: other messages, another configuration. What it throws,
   * `send` throws, and nothing is sent.
   *
   * @defaultValue the request as it is
   */
  readonly prepareRequest?: ((request: PreparedRequest<Events>) => StreamRequest) | undefined;
  /**
   * Whether `createChat` itself calls `resume()`. The hooks call it when the component is mounted.
   *
   * @defaultValue true
   */
  readonly autoResume?: boolean | undefined;
  /** Each event of an answer, and its message as it is with it. */
  readonly onEvent?:
    | ((event: StreamEvent<Events>, message: ChatMessage<OwnEvent<Events>>) => void)
    | undefined;
  /** Once for each answer, when it has ended, however that was. */
  readonly onFinish?: ((message: ChatMessage<OwnEvent<Events>>) => void) | undefined;
}
