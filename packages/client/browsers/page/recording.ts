import {
  createClient,
  isStreamError,
  type Client,
  type ClientOptions,
  type StreamOptions,
  type StreamRequest,
  type StreamStatus,
  type TokenStream,
  type Transport,
} from "@gatestream/client";
import { poll } from "@gatestream/client/poll";
import { webSocketTransport } from "@gatestream/client/websocket";

/** How a stream ended, and what its listeners were told, as JSON. */
export interface Told {
  readonly text: string;
  /** Absent when it failed. */
  readonly reason?: string;
  /** Absent when it did not. */
  readonly error?: ToldError;
  readonly statuses: readonly StreamStatus[];
  /** What `onToken` was given. */
  readonly tokens: readonly string[];
  /** The types of all events. */
  readonly eventTypes: readonly string[];
  /** How often `onError` and `onDone` were called. */
  readonly endings: number;
}

export interface ToldError {
  readonly code: string;
  readonly retryable: boolean;
  readonly status?: number;
  readonly attempts: number;
  readonly text: string;
}

/** One stream, and what has become of it. */
export interface Recording {
  readonly stream: TokenStream;
  readonly tokens: readonly string[];
  readonly statuses: readonly StreamStatus[];
  /** Resolves when there is that much text. */
  hasText(length: number): Promise<void>;
  /** Resolves when the stream has that status. */
  hasStatus(status: StreamStatus): Promise<void>;
  /** Resolves after the end, when nobody is told anything more. */
  end(): Promise<Told>;
}

/**
 * A client's options, or those of one whose streams share a WebSocket with all others of its `url`, or
 * that polls where event streams are held back.
 */
export type RecordedOptions = ClientOptions & {
  readonly overSocket?: boolean;
  readonly mayPoll?: boolean;
};

const sockets = new Map<string, Transport>();

function clientOf({ overSocket, mayPoll, ...options }: RecordedOptions): Client {
  if (!overSocket) return createClient({ ...options, ...(mayPoll && { fallback: poll }) });
  const { url, resumable, retry, idleTimeoutMs } = options;
  const transport = sockets.get(url) ?? webSocketTransport({ url });
  sockets.set(url, transport);
  return createClient({ transport, resumable, retry, idleTimeoutMs });
}

/** Starts a stream and writes down everything that is told of it. */
export function record(
  clientOptions: RecordedOptions,
  request: StreamRequest,
  options: StreamOptions = {},
): Recording {
  const tokens: string[] = [];
  const statuses: StreamStatus[] = [];
  const eventTypes: string[] = [];
  let endings = 0;
  let look = (): void => {};
  const stream = clientOf(clientOptions).stream(request, {
    ...options,
    onToken(text, snapshot) {
      tokens.push(text);
      options.onToken?.(text, snapshot);
      look();
    },
    onStatus(status) {
      statuses.push(status);
      look();
    },
    onEvent: ({ type }) => void eventTypes.push(type),
    onError: () => void (endings += 1),
    onDone: () => void (endings += 1),
  });

  function until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const before = look;
      look = () => {
        before();
        if (isSo()) resolve();
      };
      look();
    });
  }

  return {
    stream,
    tokens,
    statuses,
    hasText: (length) => until(() => stream.text.length >= length),
    hasStatus: (status) => until(() => stream.status === status),
    async end() {
      const told = await stream.result().then(
        ({ text, reason }) => ({ text, reason }),
        (failure: unknown) => ({ text: stream.text, error: errorOf(failure) }),
      );
      return { ...told, statuses, tokens, eventTypes, endings };
    },
  };
}

function errorOf(failure: unknown): ToldError {
  if (!isStreamError(failure)) throw failure;
  const { code, retryable, status, attempts, text } = failure;
  return { code, retryable, attempts, text, ...(status !== undefined && { status }) };
}
