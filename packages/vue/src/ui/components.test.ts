import { eventuallyTrue } from "@gatestream/testing/eventually";
import { createClient } from "@gatestream/client";
import { createChat } from "@gatestream/client/chat";
import { createTestTransport } from "@gatestream/client/testing";
import { expect, test } from "vitest";
import { createApp, defineComponent, h, nextTick, shallowRef } from "vue";
import { Chat, Composer, Markdown, Messages } from "./index.ts";

function begin() {
  const transport = createTestTransport([
    { type: "token", content: "It is **blue**.", index: 0 },
    { type: "stop", reason: "stop" },
  ]);
  return createChat(createClient({ transport }), { configurationId: "cfg-1" });
}

test("a whole chat, with nodes of the page, and what is typed is sent", async () => {
  const chat = begin();
  const title = shallowRef("Sky");
  const container = document.createElement("div");
  const slots = { heading: () => h("h1", title.value), empty: () => "Ask!" };
  const page = defineComponent({ render: () => h(Chat, { chat, class: "mine" }, slots) });
  const app = createApp(page);
  app.mount(container);
  await nextTick();
  expect(container.querySelector(".mine .gs-header h1")?.textContent).toBe("Sky");
  expect(container.querySelector(".gs-empty")?.textContent).toBe("Ask!");
  const log = container.querySelector("[role=log]");
  title.value = "The sky";
  await nextTick();
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
  app.unmount();
  expect(container.innerHTML).toBe("");
});

test("feedback goes to the listener of the last render, and the messages stay", async () => {
  const chat = begin();
  const name = shallowRef("first");
  const container = document.createElement("div");
  const rated: string[] = [];
  const page = defineComponent({
    render() {
      const by = name.value;
      return h(Messages, { chat, onFeedback: (_, rating) => rated.push(`${by} ${rating}`) });
    },
  });
  const app = createApp(page);
  app.mount(container);
  chat.send("What colour is it?");
  await eventuallyTrue(() => container.querySelector("[data-status=done]"));
  const answer = container.querySelector("[data-status=done]");
  name.value = "second";
  await nextTick();
  container.querySelector<HTMLElement>("[data-icon=up]")?.click();
  expect(rated).toEqual(["second up"]);
  expect(container.querySelector("[data-status=done]")).toBe(answer);
  app.unmount();
});

test("messages, composer and Markdown by themselves", async () => {
  const chat = begin();
  const text = shallowRef("**bo");
  const container = document.createElement("div");
  const page = defineComponent({
    render: () => [
      h(Messages, { chat, class: "list" }),
      h(Composer, { chat, placeholder: "Ask" }),
      h(Markdown, { text: text.value, isWhole: false }),
    ],
  });
  const app = createApp(page);
  app.mount(container);
  text.value = "**bold**";
  await nextTick();
  expect(container.querySelector("strong")?.textContent).toBe("bold");
  expect(container.querySelector("textarea")?.placeholder).toBe("Ask");
  chat.send("What colour is it?");
  await eventuallyTrue(() => container.querySelector(".list [data-status=done]"));
  app.unmount();
});
