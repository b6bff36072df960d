import type { Adapter, AdapterFormat } from "@gatestream/relay";
import { describe } from "vitest";
import { testFrames } from "./contract/frames.ts";
import type { Frame } from "./contract/read-frames.ts";
import { testResuming } from "./contract/resuming.ts";
import { testWire } from "./contract/wire.ts";

/** One format of an adapter, as the contract needs it. */
export interface AdapterKind {
  /** The format's name: `OpenAI's chat completions`. */
  readonly name: string;
  readonly adapter: Adapter;
  /** A request for a streamed answer that ends with its reader. */
  ask(question: string): AdapterRequest;
  /** The encoder of one reader. */
  createFormat(): AdapterFormat;
  /** @defaultValue Server-Sent Events */
  readonly readFrames?: (text: string) => readonly Frame[];
  /** Whether a frame is one that clients of the format know. */
  isKnown(value: unknown): boolean | Promise<boolean>;
  /** The text of the answer that is in a frame. */
  textIn(value: unknown): string;
  /** Whether the answer ends with a frame, and how. */
  endIn(value: unknown): "whole" | "failed" | undefined;
  /** What the ecosystem's own client makes of a response; rejects where it reports an error. */
  readWithClient(fetchResponse: typeof fetch): Promise<string>;
  /** Whether a body is how the format refuses a request. */
  isRefusal(body: unknown): boolean;
  /**
   * Whether a reader may come to a stream that has begun: then its beginning may no longer be kept, and
   * the reader may be sent to another relay.
   */
  readonly isFollowed: boolean;
  /** For a format in which a client can ask for the rest of an answer. */
  readonly resume?: Resume;
}

/** A request below the relay's base path. */
export interface AdapterRequest {
  /** @defaultValue POST */
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface Resume {
  /** A request for an answer that continues without its reader. */
  ask(question: string): AdapterRequest;
  /** Whether a client can ask for what comes behind a frame. */
  hasCursor(frame: Frame): boolean;
  /** The request of a client that has these frames, for the rest. */
  askAfter(received: readonly Frame[]): AdapterRequest;
  /** The encoder of such a client; it is given all events. */
  createFormatAfter(received: readonly Frame[]): AdapterFormat;
}

/** Where a frame's own id is the cursor. */
export function idOf(received: readonly Frame[]): string {
  return received.at(-1)?.id ?? "";
}

/** What every adapter guarantees, in each of its formats. */
export function describeAdapter(kind: AdapterKind): void {
  describe(kind.name, () => {
    describe("frames", () => testFrames(kind));
    describe("a response", () => testWire(kind));
    const { resume } = kind;
    if (resume !== undefined) describe("resuming", () => testResuming(kind, resume));
  });
}
