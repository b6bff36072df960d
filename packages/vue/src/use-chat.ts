import type { Client } from "@gatestream/client";
import {
  createChat,
  type Chat,
  type ChatOptions,
  type ChatSnapshot,
  type DisposeOptions,
} from "@gatestream/client/chat";
import {
  computed,
  getCurrentInstance,
  onMounted,
  onScopeDispose,
  toValue,
  type MaybeRefOrGetter,
  type Ref,
} from "vue";
import { useSnapshot, type SnapshotRefs } from "./use-snapshot.ts";

/** The options of a conversation, and what happens to its answer on unmount. */
export interface UseChatOptions<Events extends object = object>
  extends Omit<ChatOptions<Events>, "autoResume">, DisposeOptions {}

/** The conversation as refs, and its methods. */
export interface UseChat<Events extends object = object>
  extends Chat<Events>, SnapshotRefs<Omit<ChatSnapshot<Events>, "draft">> {
  /** The conversation itself: for components of `@gatestream/vue/ui`. */
  readonly chat: Chat<Events>;
  /** What is being typed, the draft: the `v-model` of a field. */
  readonly input: Ref<string>;
  /** Sends the draft, and empties it if it was accepted. */
  submit(): void;
}

/**
 * A conversation, updated at most once a frame. A saved conversation is shown from the first
 * render on; on a page that was rendered on a server, once it is mounted. Then an answer that a reload
 * has interrupted is resumed, too. Options may be a ref or a getter: configuration and listeners may
 * change.
 *
 * @example
 * ```ts
 * const { messages, input, submit, stop, status } = useChat(client, () => ({
 *   configurationId: props.configurationId,
 *   persist: persistInSession("chat"),
 * }));
 * ```
 */
export function useChat<Events extends object = object>(
  client: Client<Events>,
  options: MaybeRefOrGetter<UseChatOptions<Events>>,
): UseChat<Events> {
  let isCreated = false;
  const chat = createChat(client, () =>
    isCreated ? toValue(options) : { ...toValue(options), autoResume: false },
  );
  isCreated = true;
  const instance = getCurrentInstance();
  // Hydration must begin with what the server has rendered; then the element exists already.
  const isFirstPaint = typeof document !== "undefined" && instance?.vnode.el === null;
  if (isFirstPaint) chat.restore();
  const { draft, ...shown } = useSnapshot(chat);
  if (instance === null) chat.resume();
  else onMounted(chat.resume);
  onScopeDispose(() => chat.dispose(toValue(options)));
  return {
    ...chat,
    ...shown,
    chat,
    input: computed({ get: () => draft.value, set: chat.setDraft }),
    submit: () => void chat.send(draft.value),
  };
}
