import type { Client } from "@gatestream/client";
import {
  createChat,
  type Chat,
  type ChatOptions,
  type ChatSnapshot,
  type DisposeOptions,
} from "@gatestream/client/chat";
import { useReducer, useState, useSyncExternalStore } from "react";
import { useLatest } from "./use-latest.ts";
import { useLifetime } from "./use-lifetime.ts";

/** The options of a conversation, and what happens to its answer on unmount. */
export interface UseChatOptions<Events extends object = object>
  extends Omit<ChatOptions<Events>, "autoResume">, DisposeOptions {}

/** The current snapshot of the conversation, and its methods. */
export interface UseChat<Events extends object = object>
  extends ChatSnapshot<Events>, Chat<Events> {
  /** The conversation itself, the same object in every render: for components of `@gatestream/react/ui`. */
  readonly chat: Chat<Events>;
  /** What is being typed: the draft. */
  readonly input: string;
  setInput(input: string): void;
  /** Sends the draft, and empties it if it was accepted: the `onSubmit` of a form. */
  submit(event?: { preventDefault(): void }): void;
}

/**
 * A conversation, rendered at most once a frame. A saved conversation is shown from the first
 * render on; on a page that was rendered on a server, after hydration. An answer that a reload has
 * interrupted is resumed once the component is mounted. Client, configuration and listeners may change
 * with each render; another conversation needs another `key`.
 *
 * @example
 * ```tsx
 * function Conversation() {
 *   const { messages, input, setInput, submit, stop } = useChat(client, {
 *     configurationId: "cfg-1",
 *     persist: persistInSession("chat"),
 *   });
 *   return (
 *     <form onSubmit={submit}>
 *       {messages.map(({ id, role, content, status }) => (
 *         <p key={id} className={role} aria-busy={status === "streaming"}>
 *           {content}
 *         </p>
 *       ))}
 *       <input value={input} onChange={({ target }) => setInput(target.value)} />
 *       <button type="button" onClick={stop}>
 *         Stop
 *       </button>
 *     </form>
 *   );
 * }
 * ```
 */
export function useChat<Events extends object = object>(
  client: Client<Events>,
  options: UseChatOptions<Events>,
): UseChat<Events> {
  const latest = useLatest({ client, options });
  const [{ chat, initial }] = useState(() => {
    let isCreated = false;
    const created = createChat(
      () => latest.current.client,
      // A render sends no request, neither on a server nor in a page.
      () => (isCreated ? latest.current.options : { ...options, autoResume: false }),
    );
    isCreated = true;
    const beforeRestore = created.getSnapshot();
    if (typeof document !== "undefined") created.restore();
    return { chat: created, initial: beforeRestore };
  });
  useLifetime({ onMount: () => chat.resume(), onUnmount: () => chat.dispose(options) });
  const snapshot = useSyncExternalStore(chat.subscribe, chat.getSnapshot, () => initial);
  const [, render] = useReducer((count: number) => count + 1, 0);
  const [setInput] = useState(() => (input: string): void => {
    chat.setDraft(input);
    // React subscribes after it has painted: what is typed before that must not be lost.
    render();
  });
  return {
    ...chat,
    ...snapshot,
    chat,
    input: snapshot.draft,
    setInput,
    submit(event) {
      event?.preventDefault();
      chat.send(chat.getSnapshot().draft);
    },
  };
}
