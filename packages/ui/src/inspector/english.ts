import type { InspectorLabels } from "../labels/labels.ts";

/** Apart from all other words: `<gatestream-chat>` loads the inspector alone. */
export const english: InspectorLabels = {
  wire: "Wire",
  events: "Events",
  status: "Status",
  firstToken: "First token",
  tokensPerSecond: "Tokens a second",
  tokens: "Tokens",
  reconnects: "Reconnects",
};
