import { eventuallyTrue } from "@gatestream/testing/eventually";
import { createClient } from "@gatestream/client";
import { createChat, type Chat as Conversation } from "@gatestream/client/chat";
import { createTestTransport } from "@gatestream/client/testing";
import { act, createElement as h, StrictMode } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { Chat, Composer, Markdown, Messages } from "./index.ts";

// Other files in this process do not use `act`.
beforeAll(() => vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true));
afterAll(() => vi.unstubAllGlobals());

let container = document.createElement("div");
afterEach(() => container.remove());

function begin(): Conversation {
  container = document.createElement("div");
  document.body.append(container);
  const transport = createTestTransport([
    { type: "token", content: "It is **blue**.", index: 0 },
    { type: "stop", reason: "stop" },
  ]);
  return createChat(createClient({ transport }), { configurationId: "cfg-1" });
}

test("a whole chat, with nodes of the page, and what is typed is sent", async () => {
  const chat = begin();
  const root = createRoot(container);
  const page = (heading: string) =>
    h(StrictMode, null, h(Chat, { chat, heading: h("h1", null, heading), empty: "Ask!" }));
  act(() => root.render(page("Sky")));
  expect(container.querySelector(".gs-header h1")?.textContent).toBe("Sky");
  expect(container.querySelector(".gs-empty")?.textContent).toBe("Ask!");
  const log = container.querySelector("[role=log]");
  act(() => root.render(page("The sky")));
  expect(container.querySelector(".gs-header h1")?.textContent).toBe("The sky");
  expect(container.querySelector("[role=log]")).toBe(log);

  const field = container.querySelector("textarea");
  if (field === null) throw new Error("There is no field.");
  field.value = "What colour is it?";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  container.querySelector<HTMLElement>("[type=submit]")?.click();
  await eventuallyTrue(() => container.querySelector("[data-status=done]"));
  expect(field.value).toBe("");
  expect(container.querySelector(".gs-markdown strong")?.textContent).toBe("blue");
  act(() => root.unmount());
  expect(container.innerHTML).toBe("");
});

test("a page that comes from a server is taken over without complaint, and then shows the chat", async () => {
  const chat = begin();
  const complaints = vi.spyOn(console, "error");
  const page = h(Chat, { chat, heading: "Sky" });
  container.innerHTML = renderToString(page);
  const root = await act(() => hydrateRoot(container, page));
  expect(container.querySelector("h2, .gs-heading")?.textContent).toBe("Sky");
  expect(complaints).not.toHaveBeenCalled();
  act(() => root.unmount());
});

test("feedback goes to the function of the last render, and the messages stay", async () => {
  const chat = begin();
  const root = createRoot(container);
  const rated: string[] = [];
  const page = (name: string) =>
    h(Messages, { chat, onFeedback: (_, rating) => rated.push(`${name} ${rating}`) });
  act(() => root.render(page("first")));
  act(() => void chat.send("What colour is it?"));
  await eventuallyTrue(() => container.querySelector("[data-status=done]"));
  const answer = container.querySelector("[data-status=done]");
  act(() => root.render(page("second")));
  container.querySelector<HTMLElement>("[data-icon=up]")?.click();
  expect(rated).toEqual(["second up"]);
  expect(container.querySelector("[data-status=done]")).toBe(answer);
  act(() => root.render(h(Messages, { chat })));
  expect(container.querySelector("[data-icon=up]")).toBe(null);
  act(() => root.unmount());
});

test("messages, composer and Markdown by themselves", async () => {
  const chat = begin();
  const root = createRoot(container);
  const page = (text: string) =>
    h(
      "main",
      null,
      h(Messages, { chat, className: "list" }),
      h(Composer, { chat, placeholder: "Ask" }),
      h(Markdown, { text, isWhole: false }),
    );
  act(() => root.render(page("**bo")));
  act(() => root.render(page("**bold**")));
  expect(container.querySelector("main > .gs-markdown strong")?.textContent).toBe("bold");
  expect(container.querySelector("textarea")?.placeholder).toBe("Ask");
  act(() => void chat.send("What colour is it?"));
  await eventuallyTrue(() => container.querySelector(".list [data-status=done]"));
  act(() => root.unmount());
});
