import type { Client } from "@gatestream/client";
import {
  createChat,
  type Chat,
  type ChatOptions,
  type ChatSnapshot,
  type DisposeOptions,
} from "@gatestream/client/chat";
import {
  getCurrentInstance,
  onMounted,
  onScopeDispose,
  ref,
  toValue,
  type ComputedRef,
  type MaybeRefOrGetter,
  type Ref,
} from "vue";
import { useSnapshot } from "./use-snapshot.ts";

/** What a conversation needs, and what becomes of its answer when the component is gone. */
export interface UseChatOptions<Own extends object = object>
  extends Omit<ChatOptions<Own>, "autoResume">, DisposeOptions {}

/** The conversation as refs, and what can be done with it. */
export interface UseChat extends Pick<
  Chat,
  "send" | "stop" | "retry" | "resume" | "edit" | "reset"
> {
  readonly messages: ComputedRef<ChatSnapshot["messages"]>;
  readonly status: ComputedRef<ChatSnapshot["status"]>;
  readonly error: ComputedRef<ChatSnapshot["error"]>;
  readonly canResume: ComputedRef<ChatSnapshot["canResume"]>;
  /** What is being typed: the `v-model` of a field. */
  readonly input: Ref<string>;
  /** Sends what was typed, and empties it when that was taken. */
  submit(): void;
}

/**
 * A conversation, updated at most once a frame. What was saved, and an answer that a reload has
 * interrupted, are there again once the component is mounted. Options may be a ref or a getter: the
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
): UseChat {
  // A page that comes from a server has to begin with what the server has rendered.
  const chat = createChat(client, () => ({ ...toValue(options), autoResume: false }));
  const snapshotRef = useSnapshot(chat);
  const input = ref("");
  if (getCurrentInstance() === null) chat.resume();
  else onMounted(chat.resume);
  onScopeDispose(() => chat.dispose(toValue(options)));

  function submit(): void {
    if (chat.send(input.value)) input.value = "";
  }

  const { send, stop, retry, resume, edit, reset } = chat;
  return {
    messages: snapshotRef("messages"),
    status: snapshotRef("status"),
    error: snapshotRef("error"),
    canResume: snapshotRef("canResume"),
    input,
    submit,
    send,
    stop,
    retry,
    resume,
    edit,
    reset,
  };
}
