import { createClient } from "@gatestream/client";
import { persistInSession } from "@gatestream/client/chat";
import { createSSRApp, defineComponent, h, nextTick } from "vue";
import { renderToString } from "vue/server-renderer";
import { expect, test, vi } from "vitest";
import { useChat } from "./use-chat.ts";

test("a page that was rendered on a server shows what was saved after hydration", async () => {
  const complaints = [vi.spyOn(console, "error"), vi.spyOn(console, "warn")];
  const persist = persistInSession("hydrated");
  const client = createClient({ url: "/" });
  const page = defineComponent(() => {
    const { messages } = useChat(client, {
      configurationId: "cfg-1",
      initialMessages: [{ role: "assistant", content: "Hello!" }],
      persist,
    });
    return () =>
      h(
        "main",
        messages.value.map(({ id, content }) => h("p", { key: id, id }, content)),
      );
  });
  const html = await renderToString(createSSRApp(page));
  persist.save({ messages: [{ id: "m-1", role: "user", content: "I was here." }] });
  const container = document.createElement("div");
  container.innerHTML = html;
  const app = createSSRApp(page);
  app.mount(container);
  await nextTick();
  expect(html).toContain("Hello!");
  expect(container.textContent).toBe("I was here.");
  expect(complaints.flatMap(({ mock }) => mock.calls)).toEqual([]);
  app.unmount();
});
