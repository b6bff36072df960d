import type { ComponentProps } from "react";
import type { GlobalComponents } from "vue";
import type { GatestreamChat } from "./index.ts";
import type { GatestreamChatAttributes as InReact } from "./react.ts";
import type { GatestreamChatAttributes } from "./vue.ts";

const attributes: InReact = { resumable: true, theme: "dark" };
const props: ComponentProps<"gatestream-chat"> = {
  ...attributes,
  "configuration-id": "cfg-1",
  className: "help",
};
// @ts-expect-error There is no such theme.
const theme: ComponentProps<"gatestream-chat"> = { theme: "blue" };
// @ts-expect-error React 18 would write "false", which is there all the same.
const resumable: ComponentProps<"gatestream-chat"> = { resumable: false };

const inVue: InstanceType<GlobalComponents["gatestream-chat"]>["$props"] = {
  "configuration-id": "cfg-1",
} satisfies GatestreamChatAttributes;

declare const chat: GatestreamChat;
chat.addEventListener("gatestream-done", ({ detail }) => detail.text.trim());
chat.addEventListener("gatestream-error", ({ detail }) => detail.code.trim());
document.addEventListener("gatestream-handover", ({ detail }) => detail.messages.at(-1)?.content);
// @ts-expect-error A result has no such field.
chat.addEventListener("gatestream-done", ({ detail }) => detail.words);

export { inVue, props, resumable, theme };
