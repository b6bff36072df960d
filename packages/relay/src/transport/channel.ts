import type { RelayError } from "../errors.ts";

export interface ChannelHead {
  readonly streamId: string;
  readonly mediaType: string;
}

/** The way to one reader, who may be gone at any moment. */
export interface Channel {
  /** Aborted once the reader has gone. From then on everything below does nothing. */
  readonly left: AbortSignal;
  /** Says no instead of opening. */
  refuse(error: RelayError): void;
  /** Begins the response; it travels with the first write. */
  open(head: ChannelHead): void;
  /** Sends text; false when too much waits for this reader: `room` tells when to go on. */
  write(text: string): boolean;
  /**
   * Resolves when there is room again or the reader has gone.
   *
   * @throws RelayError `slow_consumer` when neither happens in time.
   */
  room(): Promise<void>;
  /** Lets go of the reader without another word. */
  drop(): void;
  /** Ends the response; resolves when the reader has it all or has gone. */
  end(): Promise<void>;
}
