// Asks, follows the answer through nginx, and shows what becomes of it when a relay goes.
import { createAnswerView } from "../native-eventsource/answer-view.js";
import { createEventList } from "../native-eventsource/event-list.js";
import { find } from "../native-eventsource/find.js";
import { followStream, startStream } from "./follow-stream.js";
import { createRelayCards } from "./relay-cards.js";

const composer = find("#composer", HTMLFormElement);
const question = find("#question", HTMLInputElement);
const cut = find("#cut", HTMLButtonElement);
const answer = createAnswerView();
const events = createEventList();
const relays = createRelayCards((name, state) => {
  events.add(`relay ${name}`, state, state === "killed" ? "lost" : "connection");
});

/** @type {ReturnType<typeof followStream> | undefined} */
let following;

/** @param {boolean} isFollowing */
function setFollowing(isFollowing) {
  // A button that is disabled loses the focus to nowhere.
  if (!isFollowing && document.activeElement === cut) question.focus();
  cut.disabled = !isFollowing;
}

/** @type {Readonly<Record<string, string>>} */
const explanations = {
  start: "each connection begins with it",
  live: "nothing is missed any more",
  reconnect: "the relay is being stopped, and sends its readers on",
};

/** @param {string} url */
function follow(url) {
  following = followStream(url, {
    onOpen(relay) {
      relays.setReading(relay);
      answer.addConnection();
      events.add("open", `connected to relay ${relay}`, "connection");
      answer.setStatus("reading", `The answer is coming, by relay ${relay}.`);
    },
    onToken(content, id) {
      answer.count(id);
      events.addToken(id, answer.isReplaying ? ", which it had missed" : "");
      answer.addToken(content);
    },
    onNotice({ type, ...details }) {
      if (type === "live") answer.setLive();
      events.add(type, explanations[type] ?? JSON.stringify(details), "notice");
    },
    onEnd(event, id) {
      answer.count(id);
      events.addEnd(event, id);
      relays.setReading("");
      relays.setWriting("");
      setFollowing(false);
      if (event.type === "stop") answer.setStatus("done", "The answer is complete.");
      else answer.setStatus("failed", "The answer has failed; the list says why.");
    },
    onRefused(why) {
      events.add("refused", why, "lost");
      setFollowing(false);
      answer.setStatus("failed", why);
    },
    onLost(why) {
      relays.setReading("");
      events.add("lost", why, "lost");
      answer.setStatus("lost", "The connection is gone. The page opens another …");
    },
  });
}

/** @param {string} text */
async function ask(text) {
  following?.leave();
  answer.begin();
  events.begin();
  relays.setReading("");
  answer.setStatus("reading", "Asking …");
  try {
    const { url, relay } = await startStream(text);
    relays.setWriting(relay);
    events.add("POST", `202: relay ${relay} writes it`, "connection");
    setFollowing(true);
    follow(url);
  } catch (error) {
    answer.setStatus("failed", error instanceof Error ? error.message : String(error));
  }
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  void ask(question.value);
});

cut.addEventListener("click", () => following?.cut());
