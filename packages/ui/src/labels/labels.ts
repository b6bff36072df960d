import type { StreamErrorCode } from "@gatestream/client";

/** What the inspector is described with. */
export interface InspectorLabels {
  /** Its title. */
  readonly wire: string;
  readonly events: string;
  readonly status: string;
  readonly firstToken: string;
  readonly tokensPerSecond: string;
  readonly tokens: string;
  readonly reconnects: string;
}

/** What Markdown is described with. */
export interface MarkdownLabels {
  readonly copy: string;
  readonly copied: string;
  readonly cannotCopy: string;
  /** Of a code block whose language is not known. */
  readonly code: string;
  readonly copyCode: string;
  /** The buttons from a text to its footnote, and back. */
  readonly footnote: (name: string) => string;
  readonly backToText: string;
}

/** Every word that a chat shows or a screen reader says, in one language. */
export interface Labels extends MarkdownLabels {
  readonly newChat: string;
  /** Announced when a new conversation has begun. */
  readonly newChatBegun: string;
  /** The name of the list of conversations. */
  readonly conversations: string;
  /** The button that saves the conversation as a file. */
  readonly download: string;
  /** The button that asks for a person in place of the machine. */
  readonly talkToPerson: string;
  /** The button that opens the chat, when it is a bubble, with the number of answers not seen yet. */
  readonly openChat: (unreadCount: number) => string;
  readonly closeChat: string;
  /** Below the composer. */
  readonly disclaimer: string;

  /** The name of the conversation, for screen readers. */
  readonly conversation: string;
  readonly you: string;
  readonly answer: string;
  /** The button that goes to the end of the conversation. */
  readonly latest: string;
  /** Unfolds a long question, and folds it again. */
  readonly showAll: string;
  readonly showLess: string;
  /** Shown as long as nothing is asked. */
  readonly greeting: string;

  /** The button that asks the same question again. */
  readonly retry: string;
  /** The button that goes on with an answer that is not whole. */
  readonly continue: string;
  /** What is asked to go on with an answer that has reached its length limit. */
  readonly continueRequest: string;
  readonly edit: string;
  readonly goodAnswer: string;
  readonly badAnswer: string;
  /** To the branch before this one, and to the one after it. */
  readonly previousBranch: string;
  readonly nextBranch: string;
  /**
   * The name of a message's button for screen readers. It begins with `action`, which is what the
   * button says; messages of each side are counted from 1.
   */
  readonly actionOn: (action: string, isAnswer: boolean, number: number) => string;
  readonly editMessage: string;
  readonly sendAgain: string;
  readonly cancel: string;

  /** The name of the message field, for screen readers. */
  readonly message: string;
  readonly placeholder: string;
  readonly send: string;
  readonly stop: string;
  /** How long the message has become, shown when it nears what is accepted. */
  readonly characters: (count: number, max: number) => string;
  /** A message was not sent: it is this many characters too long. */
  readonly messageTooLong: (excess: number) => string;
  /** What was pasted or dropped has `count` characters, and was not put into the field. */
  readonly textTooLong: (count: number, max: number) => string;
  /** The name of the list of questions that wait for the end of the answer. */
  readonly waitingQuestions: string;
  /** The button that takes a question out of that list. */
  readonly removeQuestion: string;

  readonly answering: string;
  /** Shown when nothing has come for five seconds, and the reason is not known. */
  readonly thinking: string;
  /** Shown when nothing has come for fifteen seconds, before the reason where it is known. */
  readonly takesLonger: string;
  readonly queued: string;
  /** The same where the place in the queue is known: 1 is next. */
  readonly queuedAt: (position: number) => string;
  readonly reconnecting: string;
  readonly offline: string;
  readonly resumed: string;

  /** Of what the model thinks, while it does; once it has; and where it is not known how long. */
  readonly reasoningNow: string;
  readonly reasoningTime: (seconds: number) => string;
  readonly reasoning: string;
  /** What a tool call is doing: its arguments are written; they broke off; the page runs it; it is over. */
  readonly toolPreparing: string;
  readonly toolUnfinished: string;
  readonly toolRunning: string;
  readonly toolDone: string;
  /** A tool call that this page does not run. */
  readonly toolCalled: string;
  /** What the answer is based on. */
  readonly sources: string;
  /** An image of a question that has no name. */
  readonly image: (number: number) => string;

  readonly stopped: string;
  /** The relay has ended an answer that nobody read. */
  readonly abandoned: string;
  readonly lengthReached: string;
  readonly filtered: string;
  readonly empty: string;

  readonly inspector: InspectorLabels;

  /** What a person reads when an answer fails. */
  readonly errors: Readonly<Record<StreamErrorCode, string>>;
  readonly tryAgain: string;
  readonly pleaseWait: (seconds: number) => string;
  /** Opens the code of a failure, and the id of its request. */
  readonly details: string;
  /** What an operator finds the request by. */
  readonly requestReference: (code: string, requestId: string) => string;
}
