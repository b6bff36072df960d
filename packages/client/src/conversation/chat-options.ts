import type { OnDisconnect } from "@gatestream/protocol";
import type { StreamOptions } from "../answer/stream-options.ts";
import type { InitialMessage } from "./chat-message.ts";
import type { RequestLimits } from "./request-messages.ts";
import type { ChatPersistence } from "./saved-chat.ts";

/** What a conversation needs, and who hears of its answers. Only `configurationId` is required. */
export interface ChatOptions<Own extends object = object> extends Omit<
  StreamOptions<Own>,
  "signal"
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
   * What the relay accepts in one request, when its limits are not the default ones. The oldest
   * exchanges are left out of a request that would be above them; they stay in the conversation.
   *
   * @defaultValue the relay's defaults
   */
  readonly requestLimits?: RequestLimits | undefined;
  /**
   * Whether `createChat` itself calls `resume()`. A framework does that when the page is mounted.
   *
   * @defaultValue true
   */
  readonly autoResume?: boolean | undefined;
}
