import uiCss from "@gatestream/ui/ui.css?raw";
import elementCss from "./element.css?raw";

let sheet: CSSStyleSheet | undefined;

/** The look of every chat on the page: parsed once, and allowed by a policy without inline styles. */
export function sharedStyleSheet(): CSSStyleSheet {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(uiCss + elementCss);
  }
  return sheet;
}
