import { GatestreamChat } from "./gatestream-chat.ts";

const tagName = "gatestream-chat";

// A server has no elements, and a page that loads this twice has one already.
if (globalThis.customElements && !customElements.get(tagName)) {
  customElements.define(tagName, GatestreamChat);
}

declare global {
  interface HTMLElementTagNameMap {
    [tagName]: GatestreamChat;
  }
}
