// A chat on the script-tag build: `gatestream` is the global that gatestream.iife.js sets. The
// conversation is an entry of its own, and the page is built by the UI kit.

import { createChat, persistInSession } from "/client/chat.js";
import { chooseConfiguration, readDemo } from "/configuration.js";
import { createChatView, createInspector, inspectorListeners } from "/ui/index.js";

const client = gatestream.createClient({
  url: "/api/llm",
  // The relay keeps an answer while the page is away.
  resumable: true,
});
const persist = persistInSession("chat");
const inspector = createInspector();
const demo = await readDemo();
const configurationId = await chooseConfiguration(demo);

const chat = createChat(client, {
  configurationId,
  persist,
  ...inspectorListeners(inspector, persist),
});
const heading = find("#heading", HTMLTemplateElement).content;
const empty = find("#empty", HTMLTemplateElement).content;
const gateway = /** @type {HTMLElement} */ (heading.querySelector("#gateway"));
const scenarios = /** @type {HTMLElement} */ (empty.querySelector("#scenarios"));
gateway.textContent = demo.gateway === "emulator" ? "Emulator" : demo.gateway;
scenarios.hidden = demo.gateway !== "emulator";
for (const suggestion of empty.querySelectorAll("button")) {
  suggestion.addEventListener("click", () => {
    chat.send(suggestion.dataset["message"] ?? suggestion.textContent);
    view.focus();
  });
}
const view = createChatView(find("#chat", HTMLElement), { chat, heading, empty, inspector });
view.focus();

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
