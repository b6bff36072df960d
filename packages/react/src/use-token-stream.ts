import type { Client, StreamOptions, StreamSnapshot } from "@gatestream/client";
import {
  createCurrentStream,
  type CurrentStream,
  type DisposeOptions,
} from "@gatestream/client/chat";
import { useState, useSyncExternalStore } from "react";
import { useLatest } from "./use-latest.ts";
import { useLifetime } from "./use-lifetime.ts";

/** The listeners of the streams, and what happens to a running one on unmount. */
export interface UseTokenStreamOptions<Events extends object = object>
  extends StreamOptions<Events>, DisposeOptions {}

/** The current snapshot of the stream, and its methods, which never change. */
export interface UseTokenStream<Events extends object = object>
  extends StreamSnapshot<Events>, Pick<CurrentStream, "start" | "cancel" | "resume" | "reset"> {}

/**
 * One stream after the other, rendered at most once a frame. Client and options may change with
 * each render: the last ones are used.
 *
 * @example
 * ```tsx
 * function Answer({ question }: { readonly question: string }) {
 *   const { text, status, error, start, cancel } = useTokenStream(client);
 *   const messages = [{ role: "user", content: question }];
 *   return (
 *     <>
 *       <p aria-busy={status === "streaming"}>{text}</p>
 *       {error && <p role="alert">{error.message}</p>}
 *       <button onClick={() => start({ configurationId: "cfg-1", messages })}>Ask</button>
 *       <button onClick={cancel}>Stop</button>
 *     </>
 *   );
 * }
 * ```
 */
export function useTokenStream<Events extends object = object>(
  client: Client<Events>,
  options: UseTokenStreamOptions<Events> = {},
): UseTokenStream<Events> {
  const latest = useLatest({ client, options });
  const [stream] = useState(() =>
    createCurrentStream(
      () => latest.current.client,
      () => latest.current.options,
    ),
  );
  useLifetime({ onUnmount: () => stream.dispose(options) });
  const snapshot = useSyncExternalStore(stream.subscribe, stream.getSnapshot, stream.getSnapshot);
  const { start, cancel, resume, reset } = stream;
  return { ...snapshot, start, cancel, resume, reset };
}
