import type { StoredConversations } from "@gatestream/client/chat";
import type { Labels } from "@gatestream/ui";

export interface ConversationListOptions {
  readonly labels: Labels;
  /** The conversation that is shown. */
  readonly id: string;
  readonly onSelect: (id: string) => void;
}

/** All conversations that are stored, the newest first, to choose from. */
export function buildConversationList(
  stored: StoredConversations,
  { labels, id, onSelect }: ConversationListOptions,
): HTMLSelectElement {
  const select = document.createElement("select");
  select.className = "gs-button";
  select.dataset["kind"] = "quiet";
  select.setAttribute("part", "conversations");
  select.ariaLabel = labels.conversations;

  function fill(): void {
    const summaries = stored.list();
    const unsaved = summaries.some((summary) => summary.id === id) ? [] : [{ id, title: "" }];
    const options = [...unsaved, ...summaries].map(
      (summary) => new Option(summary.title || labels.newChat, summary.id),
    );
    select.replaceChildren(...options);
    select.value = id;
  }

  // What was asked since then has given this one its title.
  for (const type of ["pointerdown", "focus"]) select.addEventListener(type, fill);
  select.addEventListener("change", () => onSelect(select.value));
  fill();
  return select;
}
