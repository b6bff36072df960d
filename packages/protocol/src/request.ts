/** Text of a message. */
export interface TextPart {
  readonly type: "text";
  readonly text: string;
}

/** An image of a message: at `url`, or as `data` in base64 with its `mediaType`. */
export interface ImagePart {
  readonly type: "image";
  readonly url?: string;
  readonly data?: string;
  /** Such as `image/png`; required with `data`. */
  readonly mediaType?: string;
}

export type ContentPart = TextPart | ImagePart;

/** A call that the model asked for in an earlier answer. */
export interface ToolCall {
  readonly callId: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

/** One turn of the conversation. */
export interface Message {
  /** Who speaks: `user`, `assistant`, `system`, `tool`, or what the gateway's configuration knows. */
  readonly role: "user" | "assistant" | "system" | "tool" | (string & {});
  readonly content: string | readonly ContentPart[];
  /** Of an assistant's message: the tools that it called. */
  readonly toolCalls?: readonly ToolCall[];
  /** Of a tool's message: which call it answers. */
  readonly toolCallId?: string;
}

/** A tool that the model may call. */
export interface Tool {
  readonly name: string;
  readonly description?: string;
  /** A JSON Schema of the arguments. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** Whether, or which, tool is called. */
export type ToolChoice = "auto" | "none" | "required" | { readonly name: string };

/** How the answer is made; only what the relay's `allowedOptions` names may be asked for. */
export interface AnswerOptions {
  /** From 0 to 2. */
  readonly temperature?: number;
  /** The longest answer, in tokens. */
  readonly maxOutputTokens?: number;
  /** At most four, of 1 to 100 characters. */
  readonly stopSequences?: readonly string[];
  readonly seed?: number;
  /** `text`, `json`, or `json` after a JSON Schema. */
  readonly responseFormat?:
    | { readonly type: "text" }
    | {
        readonly type: "json";
        readonly schema?: Readonly<Record<string, unknown>>;
        readonly name?: string;
      };
  /** At most 128. */
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
}

/** What happens to the answer when the reader's connection ends: PROTOCOL.md, "Starting a stream". */
export type OnDisconnect = "abort" | "detach";

/** The body of `POST {base}/stream`. */
export interface StreamRequest {
  /** Which configuration of the gateway (or which model) answers. */
  readonly configurationId: string;
  /** The conversation so far, oldest first; at least one. */
  readonly messages: readonly Message[];
  /** @defaultValue `"abort"` */
  readonly onDisconnect?: OnDisconnect;
  /**
   * The caller's own name for the conversation: its answers are found by it, on other tabs and devices
   * too. 1 to 200 characters of `[A-Za-z0-9_.:@/-]`.
   */
  readonly conversationId?: string;
  /** For the operator's record: 16 keys of 64 characters, values of 512. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly options?: AnswerOptions;
}
