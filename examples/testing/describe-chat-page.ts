import { describe } from "vitest";

import { chatBrowsers } from "./chat-browsers.ts";
import { useChatRoom } from "./chat-room.ts";
import { describeConversation } from "./conversation.ts";
import { describeLook } from "./look.ts";
import { describeLostConnections } from "./lost-connections.ts";
import { describeSavedConversations } from "./saved-conversations.ts";
import { updateScreenshots } from "./screenshots.ts";

/** What every chat page does, whatever it is written with, in each browser. */
export function describeChatPage(folder: URL): void {
  describe.each(chatBrowsers)("in $name", (kind) => {
    describe.skipIf(kind.whyMissing !== undefined)(kind.whyMissing ?? "the chat page", () => {
      const room = useChatRoom(kind, folder);
      describeConversation(room);
      describeLostConnections(room);
      describeSavedConversations(room);
      describeLook(room, kind);
      if (process.env["UPDATE_SCREENSHOTS"] && kind.colorSchemes.includes("dark")) {
        updateScreenshots(room, folder);
      }
    });
  });
}
