// @vitest-environment node
import { createClient } from "@gatestream/client";
import { persistInSession } from "@gatestream/client/chat";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { expect, test, vi } from "vitest";
import { useChat } from "./use-chat.ts";
import { useTokenStream } from "./use-token-stream.ts";

test("on a server both hooks render the initial state, without a request", async () => {
  expect(globalThis).not.toHaveProperty("document");
  const complaints = vi.spyOn(console, "error");
  const fetch = vi.fn<typeof globalThis.fetch>();
  const client = createClient({ url: "/", fetch });
  function Page() {
    const { status } = useTokenStream(client);
    const chat = useChat(client, {
      configurationId: "cfg-1",
      initialMessages: [{ role: "assistant", content: "Hello!" }],
      persist: persistInSession("chat"),
    });
    return createElement("p", null, [status, chat.status, chat.messages[0]?.content].join());
  }
  expect(renderToString(createElement(Page))).toBe("<p>idle,idle,Hello!</p>");
  expect(fetch).not.toHaveBeenCalled();
  expect(complaints).not.toHaveBeenCalled();
});
