import type { ErrorCode, StartEvent, StreamEvent } from "@gatestream/protocol";
import type { AdapterFormat } from "@gatestream/relay/parts";
import { frame, heartbeat, retry } from "../../frames.ts";
import { forgotten, movedOn } from "../refusal.ts";
import type { ResponseEvent } from "./items.ts";
import { errorEvent, type ResponseFacts, ResponseInProgress } from "./response.ts";

export interface ResponseFormatOptions {
  readonly facts: ResponseFacts;
  /** The number of the last event that the client has. @defaultValue none */
  readonly startingAfter?: number | undefined;
  /** The longest answer: the last event has all of it. */
  readonly maxChars: number;
}

/**
 * The streaming events of OpenAI's Responses.
 *
 * `sequence_number` counts them from 0, and how many one event of the relay becomes depends on what is
 * open: a token is one event, or four where it begins a message. So a client that resumes is given the
 * stream from its start, and what it has is left out: nothing is to be derived, every relay counts the
 * same, and the bytes are the same. Notices, which are not in the log, have no number.
 */
export function createResponseFormat(options: ResponseFormatOptions): AdapterFormat {
  return new ResponseFormat(options);
}

class ResponseFormat implements AdapterFormat {
  readonly mediaType = "text/event-stream";
  readonly heartbeat = heartbeat;
  readonly #options: ResponseFormatOptions;
  readonly #startingAfter: number;
  #response: ResponseInProgress | undefined;
  #next = 0;
  #chars = 0;
  isOver = false;

  constructor(options: ResponseFormatOptions) {
    this.#options = options;
    this.#startingAfter = options.startingAfter ?? -1;
  }

  begin({ streamId }: StartEvent): string {
    this.#response = new ResponseInProgress(streamId, this.#options.facts);
    return `${retry}${this.#numbered(this.#response.begin(), 0)}`;
  }

  encode(events: readonly StreamEvent[], firstId: number): string {
    let text = "";
    let id = firstId;
    for (const event of events) {
      const notice = this.#noticeOf(event);
      if (notice === undefined) {
        text += this.#framesOf(event, id);
        id += 1;
      } else {
        text += notice;
      }
      // What would come now has no place in the order.
      if (this.isOver) break;
    }
    return text;
  }

  #framesOf(event: StreamEvent, id: number): string {
    this.#chars += charsIn(event);
    if (this.#chars > this.#options.maxChars) {
      return this.#fail("gateway_protocol_error", "The answer is longer than maxLogBytes.");
    }
    const events = this.#response?.accept(event) ?? [];
    const isTerminal = event.type === "stop" || event.type === "error";
    const isAhead = this.#startingAfter >= this.#next + events.length;
    if (!isTerminal || !isAhead) return this.#numbered(events, id);
    // It had more from a relay that has died than is in the log: it receives the end alone.
    this.#next = this.#startingAfter + 1;
    return this.#numbered(events.filter(isEnd), id);
  }

  /** One event of the relay as events of the API: the last has its id. */
  #numbered(events: readonly ResponseEvent[], id?: number): string {
    let text = "";
    for (const [at, event] of events.entries()) {
      const isLast = at === events.length - 1;
      if (this.#next > this.#startingAfter) {
        text += frameOf(event, this.#next, isLast ? id : undefined);
      }
      this.#next += 1;
    }
    return text;
  }

  /** Undefined for what is no notice. */
  #noticeOf(event: StreamEvent): string | undefined {
    switch (event.type) {
      case "queued":
        return `: queued ${Number(event["position"])}\n`;
      case "warning":
      case "live":
      case "start":
        return "";
      case "gap":
        return this.#fail(forgotten.code, forgotten.message);
      case "reconnect": {
        // No event of the response: a client resumes after the one that it had before.
        const last = Math.max(this.#next - 1, this.#startingAfter);
        return frameOf(errorEvent(movedOn.code, movedOn.message), last);
      }
      default:
        return undefined;
    }
  }

  #fail(code: ErrorCode, message: string): string {
    this.isOver = true;
    this.#next = Math.max(this.#next, this.#startingAfter + 1);
    return this.#numbered(this.#response?.fail(code, message) ?? []);
  }
}

function frameOf({ type, ...fields }: ResponseEvent, number: number, id?: number): string {
  return `event: ${type}\n${frame({ type, sequence_number: number, ...fields }, id)}`;
}

/** Whether it says how the response ended. */
function isEnd({ type, response }: ResponseEvent): boolean {
  return type === "error" || response !== undefined;
}

/** What an event adds to the last one. */
function charsIn(event: StreamEvent): number {
  let chars = 0;
  for (const value of Object.values(event)) if (typeof value === "string") chars += value.length;
  return chars;
}
