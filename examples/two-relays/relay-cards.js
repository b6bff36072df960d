// The relays on the page: how they are, what they do for this page, and the buttons.
import { find } from "../native-eventsource/find.js";

/** What its state says to a person. */
const stateWords = /** @type {Readonly<Record<string, string>>} */ ({
  starting: "starting …",
  running: "running",
  stopping: "stopping: takes no more, finishes what it writes",
  stopped: "stopped",
  killed: "killed",
});

/** Which buttons do something in which state. */
const commands = /** @type {Readonly<Record<string, readonly string[]>>} */ ({
  running: ["stop", "kill"],
  stopping: ["kill"],
  stopped: ["start"],
  killed: ["start"],
});

/** @param {string} name */
function createCard(name) {
  const card = find(`#relay-${name}`, HTMLElement);
  const state = find(`#relay-${name} .state`, HTMLElement);
  const roles = find(`#relay-${name} .roles`, HTMLElement);
  const buttons = [...card.querySelectorAll("button")];

  for (const button of buttons) {
    button.addEventListener("click", () => {
      void fetch(`/relays/${name}/${button.dataset["command"]}`, { method: "POST" });
    });
  }

  return {
    /**
     * @param {string} next
     * @returns {boolean} whether it is another one
     */
    setState(next) {
      if (card.dataset["state"] === next) return false;
      const possible = commands[next] ?? [];
      const focused = buttons.find((button) => button === document.activeElement);
      card.dataset["state"] = next;
      state.textContent = stateWords[next] ?? next;
      for (const button of buttons) {
        button.hidden = !possible.includes(button.dataset["command"] ?? "");
      }
      // A button that goes takes the focus with it: to the one that has come.
      if (focused?.hidden) (buttons.find(({ hidden }) => !hidden) ?? card).focus();
      return true;
    },
    /** @param {readonly string[]} words */
    setRoles(words) {
      const badges = words.map((word) => {
        const badge = document.createElement("span");
        badge.textContent = word;
        return badge;
      });
      roles.replaceChildren(...badges);
    },
  };
}

/**
 * Shows the relays, as the server tells how they are.
 * @param {(name: string, state: string) => void} onState a relay is in another state
 */
export function createRelayCards(onState) {
  const cards = new Map(["A", "B"].map((name) => [name, createCard(name)]));
  let writing = "";
  let reading = "";

  function showRoles() {
    for (const [name, card] of cards) {
      card.setRoles([
        ...(name === writing ? ["writes the answer"] : []),
        ...(name === reading ? ["you read here"] : []),
      ]);
    }
  }

  new EventSource("/relays").addEventListener("message", ({ data }) => {
    for (const { name, state } of JSON.parse(data)) {
      if (cards.get(name)?.setState(state)) onState(name, state);
    }
  });

  return {
    /** @param {string} relay empty for none */
    setWriting(relay) {
      writing = relay;
      showRoles();
    },
    /** @param {string} relay empty for none */
    setReading(relay) {
      reading = relay;
      showRoles();
    },
  };
}
