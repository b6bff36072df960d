import type { Client, StreamOptions, StreamSnapshot } from "@gatestream/client";
import {
  createCurrentStream,
  type CurrentStream,
  type DisposeOptions,
} from "@gatestream/client/chat";
import { onScopeDispose, toValue, type MaybeRefOrGetter } from "vue";
import { useSnapshot, type SnapshotRefs } from "./use-snapshot.ts";

/** The listeners of the streams, and what happens to a running one on unmount. */
export interface UseTokenStreamOptions<Events extends object = object>
  extends StreamOptions<Events>, DisposeOptions {}

/** The stream as refs, and its methods. */
export interface UseTokenStream<Events extends object = object>
  extends
    SnapshotRefs<StreamSnapshot<Events>>,
    Pick<CurrentStream, "start" | "cancel" | "resume" | "reset"> {}

/**
 * One stream after the other, updated at most once a frame. Options may be a ref or a getter: they
 * are read when they are needed.
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
export function useTokenStream<Events extends object = object>(
  client: Client<Events>,
  options: MaybeRefOrGetter<UseTokenStreamOptions<Events>> = {},
): UseTokenStream<Events> {
  const stream = createCurrentStream(client, () => toValue(options));
  const shown = useSnapshot(stream);
  onScopeDispose(() => stream.dispose(toValue(options)));
  const { start, cancel, resume, reset } = stream;
  return { ...shown, start, cancel, resume, reset };
}
