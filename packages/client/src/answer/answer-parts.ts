import type { FileEvent, KnownEvent, SourceEvent, TextPart } from "@gatestream/protocol";

/** What the model thought: not part of the answer's text. */
export interface ReasoningPart {
  readonly type: "reasoning";
  readonly text: string;
}

/** A tool that the model asks the page to call. */
export interface ToolCallPart {
  readonly type: "tool_call";
  readonly callId: string;
  readonly name: string;
  /** JSON text: what was received so far. */
  readonly arguments: string;
  /** Whether `arguments` is all of it. */
  readonly isComplete: boolean;
  /** In a conversation: what `onToolCall` gave, as the model gets it. */
  readonly result?: string | undefined;
}

/** A piece of an answer of one kind. */
export type AnswerPart = TextPart | ReasoningPart | ToolCallPart | SourceEvent | FileEvent;

/** The parts of one answer as it grows. */
export interface GrowingParts {
  /** The same array until something is added. */
  read(): readonly AnswerPart[];
  /** Adds an event; false where it is no part of an answer. */
  add(event: KnownEvent): boolean;
}

/** A piece of text is only stored: the part is made when the parts are read, or another one begins. */
export function createGrowingParts(parts: readonly AnswerPart[]): GrowingParts {
  /** What has come for the last part since it was made. */
  let pieces: string[] = [];

  function read(): readonly AnswerPart[] {
    if (pieces.length > 0) {
      const last = parts.at(-1) as TextPart | ReasoningPart;
      // One flat string: one that grew piece by piece would keep its pieces.
      parts = parts.with(parts.length - 1, { ...last, text: last.text + pieces.join("") });
      pieces = [];
    }
    return parts;
  }

  return {
    read,
    add(event) {
      const { type } = event;
      if (type === "token" || type === "reasoning") {
        const kind = type === "token" ? "text" : type;
        // An empty piece begins no part.
        if (event.content) {
          if (parts.at(-1)?.type !== kind) parts = [...read(), { type: kind, text: "" }];
          pieces.push(event.content);
        }
      } else if (type === "tool_call") {
        const { callId, name, argumentsDelta = "", isComplete = false } = event;
        const call = read().find(
          (part): part is ToolCallPart => part.type === type && part.callId === callId,
        );
        const text = event.arguments ?? (call?.arguments ?? "") + argumentsDelta;
        const next: ToolCallPart = { type, callId, name, arguments: text, isComplete };
        parts = call ? parts.map((part) => (part === call ? next : part)) : [...parts, next];
      } else if (type === "source" || type === "file") parts = [...read(), event];
      else return false;
      return true;
    },
  };
}
