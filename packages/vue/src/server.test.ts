// @vitest-environment node
import { createClient } from "@gatestream/client";
import { persistInSession } from "@gatestream/client/chat";
import { createSSRApp, defineComponent, h } from "vue";
import { renderToString } from "vue/server-renderer";
import { expect, test, vi } from "vitest";
import { useChat } from "./use-chat.ts";
import { useTokenStream } from "./use-token-stream.ts";

test("on a server both composables render the initial state, without a request", async () => {
  expect(globalThis).not.toHaveProperty("document");
  const complaints = vi.spyOn(console, "warn");
  const fetch = vi.fn<typeof globalThis.fetch>();
  const client = createClient({ url: "/", fetch });
  const page = defineComponent(() => {
    const { status } = useTokenStream(client);
    const chat = useChat(client, {
      configurationId: "cfg-1",
      initialMessages: [{ role: "assistant", content: "Hello!" }],
      persist: persistInSession("chat"),
    });
    return () => h("p", [status.value, chat.status.value, chat.messages.value[0]?.content].join());
  });
  expect(await renderToString(createSSRApp(page))).toBe("<p>idle,idle,Hello!</p>");
  expect(fetch).not.toHaveBeenCalled();
  expect(complaints).not.toHaveBeenCalled();
});
