import { useChat } from "@gatestream/react";
import { useState } from "react";
import { announcementOf } from "./announcement.ts";
import { Composer } from "./Composer.tsx";
import { ConnectionBanner } from "./ConnectionBanner.tsx";
import { EmptyChat } from "./EmptyChat.tsx";
import { Header } from "./Header.tsx";
import { Message } from "./Message.tsx";
import { MessageList } from "./MessageList.tsx";
import { client, configurationId, persist } from "./relay-client.ts";
import { useEscape } from "./use-escape.ts";
import { createWire } from "./wire.ts";
import { WireDrawer } from "./WireDrawer.tsx";

export function App() {
  const [wire] = useState(createWire);
  const {
    messages: all,
    status,
    input,
    setInput,
    submit,
    send,
    stop,
    retry,
    edit,
    reset,
  } = useChat(client, { configurationId, persist, ...wire.listeners });
  // System messages are instructions to the model.
  const messages = all.filter(({ role }) => role !== "system");
  const last = messages.at(-1);
  const isAnswering = last?.status === "streaming";
  const answer = last?.role === "assistant" ? last : undefined;
  useEscape(stop);

  function beginAnew(): void {
    reset();
    wire.clear();
  }

  return (
    <main className="gs-chat">
      <Header onNewChat={messages.length === 0 ? undefined : beginAnew} />
      <MessageList messageCount={messages.length}>
        {messages.length === 0 && <EmptyChat onAsk={send} />}
        {messages.map((message) => (
          <Message
            key={message.id}
            message={message}
            onEdit={isAnswering ? undefined : edit}
            onRetry={isAnswering || message !== last ? undefined : retry}
          />
        ))}
      </MessageList>
      <ConnectionBanner status={status} answer={answer?.content ?? ""} />
      <WireDrawer element={wire.element} />
      <Composer
        input={input}
        isAnswering={isAnswering}
        onInput={setInput}
        onSubmit={submit}
        onStop={stop}
      />
      <p className="gs-visually-hidden gs-announcement" role="status">
        {announcementOf(status, answer)}
      </p>
    </main>
  );
}
