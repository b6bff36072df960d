import type { StreamErrorCode } from "@gatestream/client";

/** Every word that a chat shows or a screen reader says, in one language. */
export interface Labels {
  readonly newChat: string;
  /** Announced when a new conversation has begun. */
  readonly newChatBegun: string;

  /** The name of the conversation, for screen readers. */
  readonly conversation: string;
  readonly you: string;
  readonly answer: string;
  /** The button that goes to the end of the conversation. */
  readonly latest: string;
  /** Shown as long as nothing is asked. */
  readonly greeting: string;

  readonly copy: string;
  readonly copied: string;
  readonly cannotCopy: string;
  /** Of a code block whose language is not known. */
  readonly code: string;
  readonly copyCode: string;
  readonly retry: string;
  readonly edit: string;
  readonly editMessage: string;
  readonly sendAgain: string;
  readonly cancel: string;

  /** The name of the message field, for screen readers. */
  readonly message: string;
  readonly placeholder: string;
  readonly send: string;
  readonly stop: string;

  readonly answering: string;
  readonly queued: string;
  readonly reconnecting: string;
  readonly offline: string;
  readonly resumed: string;

  readonly stopped: string;
  readonly lengthReached: string;
  readonly filtered: string;
  readonly empty: string;

  /** What a person reads when an answer fails. */
  readonly errors: Readonly<Record<StreamErrorCode, string>>;
  readonly tryAgain: string;
  readonly pleaseWait: (seconds: number) => string;
  /** What an operator finds the request by. */
  readonly requestReference: (code: string, requestId: string) => string;
}
