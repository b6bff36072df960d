import type { MarkdownLabels } from "../labels/labels.ts";

/** Apart from all other words: `<gatestream-chat>` loads Markdown alone. */
export const english: MarkdownLabels = {
  copy: "Copy",
  copied: "Copied",
  cannotCopy: "Cannot copy",
  code: "Code",
  copyCode: "Copy code",
  footnote: (name) => `Footnote ${name}`,
  backToText: "Back to the text",
};
