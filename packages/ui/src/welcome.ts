import { buildButton, buildElement } from "./build-element.ts";

/** What is shown as long as nothing is asked. */
export interface WelcomeOptions {
  readonly greeting: string;
  readonly prompts: readonly string[];
  /** A prompt was pressed. */
  readonly onPrompt: (prompt: string) => void;
}

/** A greeting, and questions to begin with. */
export function buildWelcome({ greeting, prompts, onPrompt }: WelcomeOptions): Node {
  const welcome = buildElement(
    "div",
    {},
    buildElement("p", { class: "gs-greeting", dir: "auto" }, greeting),
  );
  if (prompts.length > 0) {
    const buttons = prompts.map((prompt) => {
      const attributes = { part: "prompt", dir: "auto" };
      return buildElement(
        "li",
        {},
        buildButton(prompt, "quiet", () => onPrompt(prompt), attributes),
      );
    });
    welcome.append(buildElement("ul", { class: "gs-prompts", part: "prompts" }, ...buttons));
  }
  return welcome;
}
