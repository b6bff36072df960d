import { eventuallyTrue } from "@gatestream/testing/eventually";
import { createClient } from "@gatestream/client";
import { persistInSession } from "@gatestream/client/chat";
import { createElement } from "react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { expect, test, vi } from "vitest";
import { useChat } from "./use-chat.ts";

test("a page that was rendered on a server shows what was saved after hydration", async () => {
  const complaints = vi.spyOn(console, "error");
  const persist = persistInSession("hydrated");
  const client = createClient({ url: "/" });
  const page = createElement(function Page() {
    const { messages } = useChat(client, {
      configurationId: "cfg-1",
      initialMessages: [{ role: "assistant", content: "Hello!" }],
      persist,
    });
    return messages.map(({ id, content }) => createElement("p", { key: id, id }, content));
  });
  const html = renderToString(page);
  persist.save({ messages: [{ id: "m-1", role: "user", content: "I was here." }] });
  const container = document.createElement("div");
  container.innerHTML = html;
  const root = hydrateRoot(container, page, {
    onRecoverableError: (error) => complaints(error),
  });
  await eventuallyTrue(() => container.textContent === "I was here.");
  expect(html).toContain("Hello!");
  expect(complaints).not.toHaveBeenCalled();
  root.unmount();
});
