// A chat on the script-tag build: `gatestream` is the global that gatestream.iife.js sets. The
// conversation is an entry of its own, and what the page looks like is the kit's.

import { createChat, persistInSession } from "/client/chat.js";
import { chooseConfiguration, readDemo } from "/configuration.js";
import { createChatView, createWireDrawer, wireListeners } from "/kit/index.js";

const client = gatestream.createClient({
  url: "/api/llm",
  // The relay keeps an answer while the page is away.
  resumable: true,
  retry: { limit: 3 },
});
const persist = persistInSession("chat");
const drawer = createWireDrawer(find(".gs-drawer", HTMLElement));
const demo = await readDemo();
const configurationId = await chooseConfiguration(demo);

const chat = createChat(client, { configurationId, persist, ...wireListeners(drawer, persist) });
// A new chat begins with an empty drawer.
chat.subscribe(() => {
  if (chat.getSnapshot().status === "idle") drawer.clear();
});
const view = createChatView({ chat, root: document });
view.focus();

for (const suggestion of document.querySelectorAll(".suggestions button")) {
  suggestion.addEventListener("click", () => {
    const { message } = /** @type {HTMLElement} */ (suggestion).dataset;
    view.send(message ?? suggestion.textContent);
    view.focus();
  });
}

find("#scenarios", HTMLElement).hidden = demo.gateway !== "emulator";
const origin = find("#gateway", HTMLElement);
origin.textContent = demo.gateway === "emulator" ? "Emulator" : demo.gateway;
origin.hidden = false;

/**
 * @template {Element} E
 * @param {string} selector
 * @param {new () => E} type
 * @returns {E}
 */
function find(selector, type) {
  const element = document.querySelector(selector);
  if (element instanceof type) return element;
  throw new Error(`The page has no ${selector}.`);
}
