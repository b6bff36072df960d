import type { Chat } from "@gatestream/client/chat";
import type { Labels } from "@gatestream/ui";
import css from "./launcher.css?raw";

export { css };

/** A bubble that opens the chat as a panel. */
export interface Launcher {
  isOpen(): boolean;
  open(): void;
  /** An answer has ended: while the panel is closed, it is counted as not seen. */
  count(): void;
  /** Takes the bubble off the page, and leaves the panel as it would be without it. */
  close(): void;
}

export interface LauncherOptions {
  readonly chat: Chat;
  readonly labels: Labels;
  readonly isOpen: boolean;
  /** The name of the panel, for screen readers. */
  readonly name: string | undefined;
  /** Puts the cursor where messages are written. */
  readonly focus: () => void;
}

/** Puts a bubble behind `panel`, which it opens and closes. */
export function createLauncher(
  panel: HTMLElement,
  { chat, labels, isOpen, name, focus }: LauncherOptions,
): Launcher {
  const closing = new AbortController();
  let unreadCount = 0;
  const badge = document.createElement("span");
  badge.className = "gs-unread";
  badge.setAttribute("part", "unread");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "gs-launcher";
  button.setAttribute("part", "launcher");
  button.append(badge);

  function show(): void {
    panel.hidden = !isOpen;
    if (isOpen) unreadCount = 0;
    badge.hidden = unreadCount === 0;
    badge.textContent = String(unreadCount);
    button.ariaLabel = isOpen ? labels.closeChat : labels.openChat(unreadCount);
    button.ariaExpanded = String(isOpen);
  }

  function setOpen(next: boolean): void {
    isOpen = next;
    show();
    if (isOpen) focus();
    else button.focus();
  }

  button.addEventListener("click", () => setOpen(!isOpen));
  // Before the view, for which Escape ends an answer; and an editor is left by Escape.
  panel.addEventListener(
    "keydown",
    (event) => {
      const isFree = event.key === "Escape" && !event.isComposing && event.keyCode !== 229;
      const isEditing = event.target instanceof Element && event.target.closest(".gs-editor");
      if (isFree && !isEditing && !chat.getSnapshot().isRunning) setOpen(false);
    },
    { capture: true, signal: closing.signal },
  );
  panel.role = "dialog";
  panel.ariaLabel = name ?? labels.conversation;
  panel.after(button);
  show();
  return {
    isOpen: () => isOpen,
    open: () => setOpen(true),
    count() {
      if (!isOpen) unreadCount += 1;
      show();
    },
    close() {
      closing.abort();
      button.remove();
      panel.hidden = false;
      panel.role = panel.ariaLabel = null;
    },
  };
}
