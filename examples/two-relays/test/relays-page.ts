import type { Browser, Locator } from "playwright-core";

import { type ReadingPage, openPage } from "../../native-eventsource/test/reading-page.ts";

export interface RelaysPage extends ReadingPage {
  /** `A` or `B`, with what the page says of it. */
  relay(name: string): Locator;
  /** Asks, and waits for so many tokens; tells who writes them and who is read from. */
  askUntil(tokens: number): Promise<{ readonly writer: string; readonly reader: string }>;
  /** Presses one of a relay's buttons and waits until it is in the state that follows. */
  command(button: string, state: string): Promise<void>;
}

/** Opens the page once both relays run. */
export async function openRelays(browser: Browser, url: string): Promise<RelaysPage> {
  const reading = await openPage(browser, url);
  const { page } = reading;
  const relay = (name: string): Locator => page.locator(`#relay-${name}`);
  const nameOf = async (role: string): Promise<string> => {
    const title = page.locator(".part").filter({ hasText: role }).getByRole("heading");
    return (await title.innerText()).replace("Relay ", "");
  };
  for (const name of ["A", "B"]) await reading.button(`Kill ${name}`).waitFor();

  return {
    ...reading,
    relay,
    async askUntil(tokens) {
      await reading.ask("How do I reset my password?");
      await reading.untilFigure("tokens", tokens);
      return { writer: await nameOf("writes the answer"), reader: await nameOf("you read here") };
    },
    async command(button, state) {
      const [, name = ""] = /\b([AB])\b/.exec(button) ?? [];
      await reading.button(button).click();
      await relay(name)
        .and(page.locator(`[data-state="${state}"]`))
        .waitFor();
    },
  };
}
