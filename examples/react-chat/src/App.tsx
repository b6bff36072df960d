import { createClient } from "@gatestream/client";
import { persistInSession } from "@gatestream/client/chat";
import { useChat } from "@gatestream/react";
import { Chat } from "@gatestream/react/ui";
import { createInspector, inspectorListeners } from "@gatestream/ui";
import { Welcome } from "./Welcome.tsx";

// The relay keeps an answer while the connection is lost or the page is reloaded.
const client = createClient({ url: "/api/llm", resumable: true });
const persist = persistInSession("gatestream-chat");
const inspector = createInspector();
const listeners = inspectorListeners(inspector, persist);
const configurationId = import.meta.env["VITE_CONFIGURATION_ID"] ?? "demo";

export function App() {
  const { chat, send } = useChat(client, { configurationId, persist, ...listeners });
  return (
    <main>
      <Chat
        chat={chat}
        heading={<h1>gatestream · React</h1>}
        empty={<Welcome onAsk={send} />}
        inspector={inspector}
      />
    </main>
  );
}
