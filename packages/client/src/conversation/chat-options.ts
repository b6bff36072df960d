import type { OnDisconnect, StreamRequest } from "@gatestream/protocol";
import type { StreamOptions } from "../answer/stream-options.ts";
import type { OwnEvent, StreamEvent } from "../stream-events.ts";
import type { ChatMessage, InitialMessage } from "./chat-message.ts";
import type { RequestLimits } from "./request-messages.ts";
import type { ChatPersistence } from "./saved-chat.ts";

/** What an answer is about to be asked for with. */
export interface PreparedRequest<Own extends object = object> extends StreamRequest {
  /** The whole conversation, the question last; `messages` is what fits the relay's limits. */
  readonly conversation: readonly ChatMessage<OwnEvent<Own>>[];
}

/** What a conversation needs, and the listeners of its answers. Only `configurationId` is required. */
export interface ChatOptions<Own extends object = object> extends Omit<
  StreamOptions<Own>,
  "signal" | "onEvent"
> {
  /** Which configuration of the gateway answers. Read for each answer: it may change in between. */
  readonly configurationId: string;
  /**
   * What the conversation begins with, a system message or a greeting say, and goes back to on
   * `reset`. They are sent with each question.
   *
   * @defaultValue none
   */
  readonly initialMessages?: readonly InitialMessage[] | undefined;
  /**
   * Where the conversation is kept, `persistInSession("chat")` say; a reload in the middle of an
   * answer goes on with it when the relay keeps it.
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
   * What `send` does while an answer is on its way: `"refuse"` gives false and does nothing; `"queue"`
   * asks once the answer is done (`queued` in the snapshot).
   *
   * @defaultValue `"refuse"`
   */
  readonly whileRunning?: "refuse" | "queue" | undefined;
  /**
   * What the relay accepts in one request, when its limits are not the default ones. The oldest
   * exchanges are left out of a request that would be above them; they stay in the conversation, and
   * `omittedCount` tells how many messages were left out.
   *
   * @defaultValue the relay's defaults
   */
  readonly requestLimits?: RequestLimits | undefined;
  /**
   * The last word on what is asked: other messages, another configuration. What it throws, `send`
   * throws, and nothing is asked.
   *
   * @defaultValue the request as it is
   */
  readonly prepareRequest?: ((request: PreparedRequest<Own>) => StreamRequest) | undefined;
  /**
   * Whether `createChat` itself calls `resume()`. A framework does that when the page is mounted.
   *
   * @defaultValue true
   */
  readonly autoResume?: boolean | undefined;
  /** Each event of an answer, and its message as it is with it. */
  readonly onEvent?:
    | ((event: StreamEvent<Own>, message: ChatMessage<OwnEvent<Own>>) => void)
    | undefined;
  /** Once for each answer, when it has ended, however that was. */
  readonly onFinish?: ((message: ChatMessage<OwnEvent<Own>>) => void) | undefined;
}
