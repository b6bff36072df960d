/** One turn of the conversation. */
export interface Message {
  /** Who speaks: `user`, `assistant`, `system`, or what the gateway's configuration knows. */
  readonly role: "user" | "assistant" | "system" | (string & {});
  readonly content: string;
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
}
