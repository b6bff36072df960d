import { describe } from "vitest";

import type { ChatBrowser } from "./chat-browsers.ts";
import { useChatRoom } from "./chat-room.ts";
import { describeConversation, describeStreaming } from "./conversation.ts";
import { describeLook, describeTheme } from "./look.ts";
import { describeLostConnections } from "./lost-connections.ts";
import { describeSavedConversations } from "./saved-conversations.ts";
import { updateScreenshots } from "./screenshots.ts";

/**
 * What every chat page does, whatever it is written with. All of it is shown in the page's main
 * browser, and in the other one what depends on the browser. The pages share what they do, and have
 * different main browsers: so each browser has shown all of it.
 */
export function describeChatPage(
  folder: URL,
  kind: ChatBrowser,
  { isMain }: { readonly isMain: boolean },
): void {
  describe.skipIf(kind.whyMissing !== undefined)(kind.whyMissing ?? `in ${kind.name}`, () => {
    const room = useChatRoom(kind, folder);
    const isDarkSeen = kind.colorSchemes.includes("dark");
    describeStreaming(room);
    describeLostConnections(room);
    if (isMain || isDarkSeen) describeTheme(room, kind);
    if (isMain) {
      describeConversation(room);
      describeSavedConversations(room);
      describeLook(room);
    }
    if (process.env["UPDATE_SCREENSHOTS"] && isDarkSeen) updateScreenshots(room, folder);
  });
}
