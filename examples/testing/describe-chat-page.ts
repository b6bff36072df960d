import { describe } from "vitest";

import { chatBrowsers, type ChatBrowser } from "./chat-browsers.ts";
import { useChatRoom } from "./chat-room.ts";
import { describeConversation, describeStreaming } from "./conversation.ts";
import { describeLook, describeTheme } from "./look.ts";
import { describeLostConnections } from "./lost-connections.ts";
import { describeSavedConversations } from "./saved-conversations.ts";
import { updateScreenshots } from "./screenshots.ts";

/**
 * What every chat page does, whatever it is written with. All of it is shown in one browser, and in
 * the others what depends on the browser too. Each page names another one, so that each browser has
 * shown all of it: the pages share what they do.
 */
export function describeChatPage(folder: URL, mainBrowser: ChatBrowser["name"]): void {
  describe.each(chatBrowsers)("in $name", (kind) => {
    describe.skipIf(kind.whyMissing !== undefined)(kind.whyMissing ?? "the chat page", () => {
      const room = useChatRoom(kind, folder);
      describeStreaming(room);
      describeLostConnections(room);
      if (kind.name === mainBrowser || kind.colorSchemes.includes("dark"))
        describeTheme(room, kind);
      if (kind.name === mainBrowser) {
        describeConversation(room);
        describeSavedConversations(room);
        describeLook(room);
      }
      if (process.env["UPDATE_SCREENSHOTS"] && kind.colorSchemes.includes("dark")) {
        updateScreenshots(room, folder);
      }
    });
  });
}
