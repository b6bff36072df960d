/** `@gatestream/element/react`: types of `<gatestream-chat>` in JSX, for React 18 and 19. */
import type * as React from "react";
import type { GatestreamChatAttributes } from "./attributes.ts";
import type { GatestreamChat } from "./gatestream-chat.ts";

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "gatestream-chat": React.DetailedHTMLProps<
        React.HTMLAttributes<GatestreamChat>,
        GatestreamChat
      > &
        GatestreamChatAttributes;
    }
  }
}

export type { GatestreamChatAttributes };
