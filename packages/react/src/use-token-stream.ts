import type { Client, StreamOptions, StreamSnapshot } from "@gatestream/client";
import {
  createCurrentStream,
  type CurrentStream,
  type DisposeOptions,
} from "@gatestream/client/chat";
import { useState, useSyncExternalStore } from "react";
import { useLatest } from "./use-latest.ts";
import { useLifetime } from "./use-lifetime.ts";

/** Who hears of the streams, and what becomes of one when the component is gone. */
export interface UseTokenStreamOptions<Own extends object = object>
  extends StreamOptions<Own>, DisposeOptions {}

/** The stream as it looks now, and what can be done with it. The functions never change. */
export interface UseTokenStream<Own extends object = object>
  extends StreamSnapshot<Own>, Pick<CurrentStream, "start" | "cancel" | "resume" | "reset"> {}

/**
 * One stream after the other, rendered at most once a frame. Client and options may be new in each
 * render: what comes next goes to the last ones.
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
export function useTokenStream<Own extends object = object>(
  client: Client<Own>,
  options: UseTokenStreamOptions<Own> = {},
): UseTokenStream<Own> {
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
