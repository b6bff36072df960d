import type { Client, StreamOptions, StreamSnapshot } from "@gatestream/client";
import {
  createCurrentStream,
  type CurrentStream,
  type DisposeOptions,
} from "@gatestream/client/chat";
import { onScopeDispose, toValue, type MaybeRefOrGetter } from "vue";
import { useSnapshot, type SnapshotRefs } from "./use-snapshot.ts";

/** Who hears of the streams, and what becomes of one when the component is gone. */
export interface UseTokenStreamOptions<Own extends object = object>
  extends StreamOptions<Own>, DisposeOptions {}

/** The stream as refs, and what can be done with it. */
export interface UseTokenStream<Own extends object = object>
  extends
    SnapshotRefs<StreamSnapshot<Own>>,
    Pick<CurrentStream, "start" | "cancel" | "resume" | "reset"> {}

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
): UseTokenStream<Own> {
  const stream = createCurrentStream(client, () => toValue(options));
  const shown = useSnapshot(stream);
  onScopeDispose(() => stream.dispose(toValue(options)));
  const { start, cancel, resume, reset } = stream;
  return { ...shown, start, cancel, resume, reset };
}
