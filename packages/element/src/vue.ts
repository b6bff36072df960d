/** `@gatestream/element/vue`: types of `<gatestream-chat>` in templates. */
import type { DefineComponent } from "vue";
import type { GatestreamChatAttributes } from "./attributes.ts";

declare module "vue" {
  interface GlobalComponents {
    "gatestream-chat": DefineComponent<GatestreamChatAttributes>;
  }
}

export type { GatestreamChatAttributes };
