// A chat on the script-tag build: `gatestream` is the global that gatestream.iife.js sets. The
// conversation is an entry of its own, and what the page looks like is the kit's.

import { createChat, persistInSession } from "/client/chat.js";
import { createChatView, createWireDrawer, wireListeners } from "/kit/index.js";

const client = gatestream.createClient({
  url: "/api/llm",
  // The relay keeps an answer while the page is away.
  resumable: true,
  retry: { limit: 3 },
});
const persist = persistInSession("chat");
const drawer = createWireDrawer(find(".gs-drawer", HTMLElement));
const { gateway, ...demo } = await readDemo();
const configurationId = demo.configurationId ?? (await askForConfiguration());

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

find("#scenarios", HTMLElement).hidden = gateway !== "emulator";
const origin = find("#gateway", HTMLElement);
origin.textContent = gateway === "emulator" ? "Emulator" : gateway;
origin.hidden = false;

/**
 * Learns from the demo's server which gateway answers, and under which configuration. In your page,
 * your own configuration stands here.
 *
 * @returns {Promise<{ gateway: string, configurationId?: string }>}
 */
async function readDemo() {
  const response = await fetch("/demo.json");
  return response.json();
}

/**
 * A gateway of your own has its own configurations: the page asks which one, once for each tab.
 *
 * @returns {Promise<string>}
 */
async function askForConfiguration() {
  const key = "configurationId";
  const form = find("#configuration", HTMLFormElement);
  const field = find("#configuration input", HTMLInputElement);
  const known = sessionStorage.getItem(key);
  if (known) return known;
  form.hidden = false;
  field.focus();
  await new Promise((resolve) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (field.value.trim() !== "") resolve(undefined);
    });
  });
  form.hidden = true;
  const given = field.value.trim();
  sessionStorage.setItem(key, given);
  return given;
}

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
