import type { CodeLabels } from "../labels/labels.ts";

/** Apart from all other words: `<gatestream-chat>` loads Markdown alone. */
export const english: CodeLabels = {
  copy: "Copy",
  copied: "Copied",
  cannotCopy: "Cannot copy",
  code: "Code",
  copyCode: "Copy code",
};
