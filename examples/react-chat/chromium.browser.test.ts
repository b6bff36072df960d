import { chromium } from "../testing/chat-browsers.ts";
import { describeChatPage } from "../testing/describe-chat-page.ts";
import { testDevelopmentServer } from "../testing/development-server.ts";

const folder = new URL("./", import.meta.url);

testDevelopmentServer(folder);
describeChatPage(folder, chromium, { isMain: true });
