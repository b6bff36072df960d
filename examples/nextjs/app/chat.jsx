"use client";

import { createClient } from "@gatestream/client";
import { persistInSession } from "@gatestream/client/chat";
import { useChat } from "@gatestream/react";
import { useState } from "react";

const persist = persistInSession("chat");

export function Chat({ relayUrl }) {
  const [client] = useState(() => createClient({ url: relayUrl, resumable: true }));
  const { messages, isRunning, input, setInput, submit, stop, retry, error } = useChat(client, {
    configurationId: "demo",
    persist,
  });
  return (
    <form onSubmit={submit}>
      {messages.map(({ id, role, content, status }) => (
        <p key={id} data-role={role} data-status={status}>
          {content}
        </p>
      ))}
      {error && (
        <p role="alert">
          {error.message}{" "}
          <button type="button" onClick={retry}>
            Try again
          </button>
        </p>
      )}
      <input aria-label="Message" value={input} onChange={({ target }) => setInput(target.value)} />
      {isRunning ? (
        <button type="button" onClick={stop}>
          Stop
        </button>
      ) : (
        <button>Send</button>
      )}
    </form>
  );
}
