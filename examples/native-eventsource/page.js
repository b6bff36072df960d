// A page on the browser's own EventSource, which shows what comes and how.
import { createAnswerView } from "./answer-view.js";
import { createEventList } from "./event-list.js";
import { find } from "./find.js";
import { readStream, startStream } from "./read-stream.js";

const composer = find("#composer", HTMLFormElement);
const question = find("#question", HTMLInputElement);
const cut = find("#cut", HTMLButtonElement);
const stop = find("#stop", HTMLButtonElement);
const forget = find("#forget", HTMLInputElement);
const answer = createAnswerView();
const events = createEventList();

/** @type {EventSource | undefined} */
let source;
let streamUrl = "";

/** @type {Readonly<Record<string, string>>} */
const explanations = {
  start: "each connection begins with it",
  live: "nothing is missed any more",
};

/** @param {boolean} isReading */
function setReading(isReading) {
  const hadFocus = document.activeElement === cut || document.activeElement === stop;
  cut.disabled = !isReading;
  stop.disabled = !isReading;
  // A button that is disabled loses the focus to nowhere.
  if (hadFocus && !isReading) question.focus();
}

/** @param {string} url */
function read(url) {
  let hasEnded = false;

  const reading = readStream(url, {
    onOpen() {
      answer.addConnection();
      events.add("open", "the connection is open", "connection");
      if (!hasEnded) answer.setStatus("reading", "The answer is coming.");
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
      const { type } = event;
      hasEnded = true;
      answer.count(id);
      events.addEnd(event, id);
      setReading(false);
      if (type === "stop") answer.setStatus("done", "The answer is complete.");
      else answer.setStatus("failed", "The answer has failed; the list says why.");
      if (forget.checked) return;
      reading.close();
      events.add("close()", "the page closes it", "connection");
    },
    onLost(isFinal) {
      if (hasEnded) {
        const words = isFinal ? "is told 204, and stops" : "asks for more, as nobody closed it";
        events.add("onerror", `the browser ${words}`, "connection");
      } else if (isFinal) {
        // It might have been refused, or be too late: an EventSource hears no status and no reason.
        events.add("onerror", "the browser gave up, and does not say why", "lost");
        answer.setStatus("failed", "The browser gave up, and does not say why.");
        setReading(false);
      } else {
        events.add("onerror", "the connection is gone; the browser opens another", "lost");
        answer.setStatus("lost", "The connection is gone. The browser opens another …");
      }
    },
  });
  source = reading;
}

/** @param {string} text */
async function ask(text) {
  source?.close();
  answer.begin();
  events.begin();
  answer.setStatus("reading", "Asking …");
  try {
    streamUrl = await startStream(text);
    events.add("POST", `202: read it at ${streamUrl}`, "connection");
    setReading(true);
    read(streamUrl);
  } catch (error) {
    answer.setStatus("failed", error instanceof Error ? error.message : String(error));
  }
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  void ask(question.value);
});

cut.addEventListener("click", () => void fetch("/cut", { method: "POST" }));

// Closing an EventSource tells nobody that the answer is not wanted any more. This does.
stop.addEventListener("click", () => void fetch(streamUrl, { method: "DELETE" }));
