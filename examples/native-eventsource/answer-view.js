// The answer on the page, and the proof that it is whole: every id once.
import { find } from "./find.js";

/** Keeps the text and the figures below it. */
export function createAnswerView() {
  const article = find("#answer", HTMLElement);
  const text = find("#answer .text", HTMLElement);
  const status = find("#status", HTMLElement);
  const figures = {
    tokens: find("#tokens", HTMLElement),
    lastId: find("#last-id", HTMLElement),
    missing: find("#missing", HTMLElement),
    twice: find("#twice", HTMLElement),
    connections: find("#connections", HTMLElement),
  };
  const start = { tokens: 0, lastId: 0, missing: 0, twice: 0, connections: 0 };
  let counted = { ...start };
  /** @type {Node} */
  let place = text;
  let isReplaying = false;

  function showFigures() {
    for (const [name, count] of Object.entries(counted)) {
      figures[/** @type {keyof typeof counted} */ (name)].textContent = String(count);
    }
  }

  return {
    begin() {
      text.replaceChildren();
      place = text;
      counted = { ...start };
      isReplaying = false;
      showFigures();
    },
    /**
     * @param {"idle" | "reading" | "lost" | "done" | "failed"} name
     * @param {string} words also for who listens instead of looking
     */
    setStatus(name, words) {
      article.dataset["status"] = name;
      status.textContent = words;
    },
    /** A connection is open. What comes on one that is not the first, until `live`, is marked. */
    addConnection() {
      counted.connections += 1;
      isReplaying = counted.connections > 1;
      place = text;
      showFigures();
    },
    /** What was missed has come; from here on it is told as it is written. */
    setLive() {
      isReplaying = false;
      place = text;
    },
    get isReplaying() {
      return isReplaying;
    },
    /** @param {number} id */
    count(id) {
      if (id <= counted.lastId) counted.twice += 1;
      else counted.missing += id - counted.lastId - 1;
      counted.lastId = Math.max(id, counted.lastId);
      showFigures();
    },
    /** @param {string} content */
    addToken(content) {
      counted.tokens += 1;
      if (isReplaying && place === text) {
        place = text.appendChild(document.createElement("mark"));
      }
      // To the last piece of text, so that a long answer is not thousands of them.
      if (place.lastChild instanceof Text) place.lastChild.appendData(content);
      else place.appendChild(new Text(content));
    },
  };
}
