/** The parts of a chat that its attributes change. */
export interface ChatParts {
  /** All of it. */
  readonly element: HTMLElement;
  readonly header: HTMLElement;
  readonly heading: HTMLElement;
  readonly drawer: HTMLElement;
  readonly input: HTMLTextAreaElement;
}

/** Builds a chat without any messages, without markup in text: no policy has anything against it. */
export function buildParts(): ChatParts {
  const heading = build("h2", "", { part: "heading" });
  const reset = build(
    "button",
    "gs-button gs-reset",
    { type: "button", part: "reset" },
    "New chat",
  );
  reset.dataset["kind"] = "quiet";
  reset.hidden = true;
  const header = build("div", "gs-header", { part: "header" }, heading, reset);

  const slot = build("slot", "", { name: "empty" }, build("p", "", {}, "Ask a question."));
  const empty = build("div", "gs-empty", { part: "empty" }, slot);
  const messages = build(
    "div",
    "gs-messages",
    // Silent: it changes many times a second. What an answer says is told when it has ended.
    {
      part: "messages",
      role: "log",
      "aria-live": "off",
      "aria-label": "Conversation",
      tabindex: "0",
    },
    empty,
  );
  const latest = build(
    "button",
    "gs-button gs-latest",
    { type: "button", part: "latest" },
    "Latest",
  );
  latest.dataset["kind"] = "quiet";
  latest.hidden = true;

  const banner = build("p", "gs-banner", { part: "banner", role: "status" });
  const drawer = build("section", "gs-drawer", { part: "drawer", "aria-label": "Wire" });
  const input = build("textarea", "gs-input", {
    part: "input",
    "aria-label": "Message",
    dir: "auto",
    rows: "1",
    enterkeyhint: "send",
    autocomplete: "off",
  });
  const send = build("button", "gs-button", { type: "submit", part: "send" }, "Send");
  send.dataset["kind"] = "primary";
  const composer = build("form", "gs-composer", { part: "composer" }, input, send);
  const announcement = build("p", "gs-announcement gs-visually-hidden", { role: "status" });

  const element = build("div", "gs-chat", { part: "chat" });
  element.append(header, messages, latest, banner, drawer, composer, announcement);
  return { element, header, heading, drawer, input };
}

function build<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
