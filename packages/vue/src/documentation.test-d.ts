// Every example of the README and of the code's own documentation, for the compiler to read;
// `documentation.test.ts` sees to it that none is missing here.
import { createClient } from "@gatestream/client";
import { persistInSession } from "@gatestream/client/chat";
import { computed } from "vue";
import { useChat, useTokenStream } from "./index.ts";

declare const props: { readonly configurationId: string };

export function conversation() {
  const client = createClient({ url: "/api/llm", resumable: true });
  const { messages, isRunning, input, submit, stop, retry, error } = useChat(client, {
    configurationId: "cfg-1",
    persist: persistInSession("chat"),
  });
  // System messages are instructions to the model.
  const visible = computed(() => messages.value.filter(({ role }) => role !== "system"));
  return { visible, isRunning, input, submit, stop, retry, error };
}

const client = createClient({ url: "/api/llm" });

export function getter() {
  const chat = useChat(client, () => ({ configurationId: props.configurationId }));
  return chat;
}

export function summary() {
  const { text, status, start, cancel } = useTokenStream(client);

  function summarise(content: string) {
    const messages = [{ role: "user", content: `Summarise this: ${content}` }];
    start({ configurationId: "cfg-1", messages });
  }
  return { text, status, cancel, summarise };
}

export function answer() {
  const { text, status, error, start, cancel } = useTokenStream(client);

  function askFor(content: string) {
    start({ configurationId: "cfg-1", messages: [{ role: "user", content }] });
  }
  return { text, status, error, cancel, askFor };
}

export function chatWithGetter() {
  const { messages, input, submit, stop, status } = useChat(client, () => ({
    configurationId: props.configurationId,
    persist: persistInSession("chat"),
  }));
  return { messages, input, submit, stop, status };
}

export function components() {
  const { chat } = useChat(client, { configurationId: "cfg-1" });
  return chat;
}
