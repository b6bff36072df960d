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

/** What a conversation needs, and what becomes of its answer when the component is gone. */
export interface UseChatOptions<Own extends object = object>
  extends Omit<ChatOptions<Own>, "autoResume">, DisposeOptions {}

/** The conversation as refs, and what can be done with it. */
export interface UseChat<Own extends object = object>
  extends Chat<Own>, SnapshotRefs<Omit<ChatSnapshot<Own>, "draft">> {
  /** The conversation itself: for components of `@gatestream/vue/ui`. */
  readonly chat: Chat<Own>;
  /** What is being typed, the draft: the `v-model` of a field. */
  readonly input: Ref<string>;
  /** Sends what was typed, and empties it when that was taken. */
  submit(): void;
}

/**
 * A conversation, updated at most once a frame. What was saved is there from the first render on, in a
 * page that came from a server once it is mounted; an answer that a reload has interrupted goes on then. Options may be a ref or a getter: the
 * configuration and the listeners may change.
 *
 * @example
 * ```ts
 * const { messages, input, submit, stop, status } = useChat(client, () => ({
 *   configurationId: props.configurationId,
 *   persist: persistInSession("chat"),
 * }));
 * ```
 */
export function useChat<Own extends object = object>(
  client: Client<Own>,
  options: MaybeRefOrGetter<UseChatOptions<Own>>,
): UseChat<Own> {
  let isCreated = false;
  const chat = createChat(client, () =>
    isCreated ? toValue(options) : { ...toValue(options), autoResume: false },
  );
  isCreated = true;
  const instance = getCurrentInstance();
  // A page that comes from a server has to begin with what the server has rendered: its element is there.
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
