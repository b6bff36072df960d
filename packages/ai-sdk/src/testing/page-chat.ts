import { EventEmitter, once } from "node:events";
import * as ai6 from "ai";
import * as ai5 from "ai-5";
import * as ai7 from "ai-7";

/** The SDKs that the transport is for. What the tests use of them is the same in all. */
export const sdks = [
  { name: "ai 5", sdk: ai5 as unknown as typeof ai6 },
  { name: "ai 6", sdk: ai6 },
  { name: "ai 7", sdk: ai7 as unknown as typeof ai6 },
] as const;

/** A chat as `useChat` has one, without a framework. */
export interface PageChat extends ai6.AbstractChat<ai6.UIMessage> {
  /** Resolves when `isSo` says so, which is asked after each change. */
  until(isSo: () => boolean): Promise<void>;
}

export type PageChatOptions = ai6.ChatInit<ai6.UIMessage> & { readonly sdk: typeof ai6 };

export function createPageChat({ sdk, messages = [], ...init }: PageChatOptions): PageChat {
  const changes = new EventEmitter();
  let status: ai6.ChatStatus = "ready";
  let shown = messages;

  const state: ai6.ChatState<ai6.UIMessage> = {
    error: undefined,
    get status() {
      return status;
    },
    set status(next) {
      status = next;
      changes.emit("change");
    },
    get messages() {
      return shown;
    },
    set messages(next) {
      shown = next;
      changes.emit("change");
    },
    pushMessage(message) {
      state.messages = [...shown, structuredClone(message)];
    },
    popMessage() {
      state.messages = shown.slice(0, -1);
    },
    replaceMessage(index, message) {
      state.messages = shown.with(index, structuredClone(message));
    },
    snapshot: structuredClone,
  };

  class Page extends sdk.AbstractChat<ai6.UIMessage> implements PageChat {
    async until(isSo: () => boolean): Promise<void> {
      while (!isSo()) await once(changes, "change");
    }
  }

  return new Page({ ...init, state });
}

/** The texts of a message. */
export function textOf(message: ai6.UIMessage | undefined): string {
  return (message?.parts ?? []).map((part) => (part.type === "text" ? part.text : "")).join("");
}
