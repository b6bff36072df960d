import { firefox } from "../testing/chat-browsers.ts";
import { describeChatPage } from "../testing/describe-chat-page.ts";

describeChatPage(new URL("./", import.meta.url), firefox, { isMain: false });
