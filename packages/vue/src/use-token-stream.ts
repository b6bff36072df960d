import type { Client, StreamOptions } from "@gatestream/client";
import {
  createCurrentStream,
  type CurrentStream,
  type CurrentStreamSnapshot,
  type DisposeOptions,
} from "@gatestream/client/chat";
import { onScopeDispose, toValue, type ComputedRef, type MaybeRefOrGetter } from "vue";
import { useSnapshot } from "./use-snapshot.ts";

/** Who hears of the streams, and what becomes of one when the component is gone. */
export interface UseTokenStreamOptions<Own extends object = object>
  extends StreamOptions<Own>, DisposeOptions {}

/** The stream as refs, and what can be done with it. */
export interface UseTokenStream extends Pick<
  CurrentStream,
  "start" | "cancel" | "resume" | "reset"
> {
  readonly text: ComputedRef<CurrentStreamSnapshot["text"]>;
  readonly status: ComputedRef<CurrentStreamSnapshot["status"]>;
  readonly result: ComputedRef<CurrentStreamSnapshot["result"]>;
  readonly error: ComputedRef<CurrentStreamSnapshot["error"]>;
  /** What `resume` needs to come back to the stream; undefined when there is nothing to come. */
  readonly checkpoint: ComputedRef<CurrentStreamSnapshot["checkpoint"]>;
}

/**
 * One stream after the other, updated at most once a frame. Options may be a ref or a getter: they
 * are looked up when they are needed.
 *
 * @example
 * ```ts
 * const { text, status, error, start, cancel } = useTokenStream(client);
 *
 * function askFor(content: string) {
 *   start({ configurationId: "cfg-1", messages: [{ role: "user", content }] });
 * }
 * ```
 */
export function useTokenStream<Own extends object = object>(
  client: Client<Own>,
  options: MaybeRefOrGetter<UseTokenStreamOptions<Own>> = {},
): UseTokenStream {
  const stream = createCurrentStream(client, () => toValue(options));
  const ref = useSnapshot(stream);
  onScopeDispose(() => stream.dispose(toValue(options)));
  const { start, cancel, resume, reset } = stream;
  return {
    text: ref("text"),
    status: ref("status"),
    result: ref("result"),
    error: ref("error"),
    checkpoint: ref("checkpoint"),
    start,
    cancel,
    resume,
    reset,
  };
}
