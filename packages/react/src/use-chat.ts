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

/** What a conversation needs, and what becomes of its answer when the component is gone. */
export interface UseChatOptions<Own extends object = object>
  extends Omit<ChatOptions<Own>, "autoResume">, DisposeOptions {}

/** The conversation as it looks now, and what can be done with it. */
export interface UseChat<Own extends object = object> extends ChatSnapshot<Own>, Chat<Own> {
  /** The conversation itself, the same object in every render: for components of `@gatestream/react/ui`. */
  readonly chat: Chat<Own>;
  /** What is being typed: the draft. */
  readonly input: string;
  setInput(input: string): void;
  /** Sends what was typed, and empties it when that was taken: the `onSubmit` of a form. */
  submit(event?: { preventDefault(): void }): void;
}

/**
 * A conversation, rendered at most once a frame. What was saved is there from the first render on, in
 * a page that came from a server once it is hydrated; an answer that a reload has interrupted goes on
 * once the component is mounted. Client, configuration and listeners may
 * be new in each render; another conversation needs another `key`.
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
export function useChat<Own extends object = object>(
  client: Client<Own>,
  options: UseChatOptions<Own>,
): UseChat<Own> {
  const latest = useLatest({ client, options });
  const [{ chat, initial }] = useState(() => {
    let isCreated = false;
    const created = createChat(
      () => latest.current.client,
      // A render asks for nothing, neither on a server nor in a page.
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
