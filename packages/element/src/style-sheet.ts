import chatCss from "@gatestream/ui/styles/chat.css?raw";
import elementCss from "./element.css?raw";

const sheets = new Map<string, CSSStyleSheet>();

/** The look of every chat on the page. */
export const elementStyles = chatCss + elementCss;

/** A style sheet that all chats on the page share: parsed once, and allowed by a policy without inline styles. */
export function sharedStyleSheet(css: string): CSSStyleSheet {
  let sheet = sheets.get(css);
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    sheets.set(css, sheet);
  }
  return sheet;
}
