// One answer on the page: its text as it streams, its figures, and what went wrong.

import { explainError } from "./explain.js";

/** @typedef {import("@gatestream/client").StreamError} StreamError */

/**
 * @template {Element} E
 * @param {string} selector
 * @param {new () => E} type
 * @param {ParentNode} [parent]
 * @returns {E}
 */
export function find(selector, type, parent = document) {
  const element = parent.querySelector(selector);
  if (element instanceof type) return element;
  throw new Error(`the page has no ${selector}`);
}

/**
 * Calls `paint` at most once a frame, however often it is asked.
 * @param {() => void} paint
 */
function createPainter(paint) {
  let frame = 0;
  let timer = 0;

  function flush() {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    timer = 0;
    paint();
  }

  function request() {
    if (timer !== 0) return;
    frame = requestAnimationFrame(flush);
    // A hidden tab gets no frames: there, the timer comes first.
    timer = window.setTimeout(flush, 200);
  }

  return { request, flush };
}

/** Counts tokens against the clock, from the moment of asking. */
function createMeter() {
  const askedAt = performance.now();
  let firstAt = 0;
  let lastAt = 0;
  let count = 0;

  return {
    count() {
      lastAt = performance.now();
      if (count === 0) firstAt = lastAt;
      count += 1;
    },
    figures() {
      if (count === 0) return [];
      const figures = [`${Math.round(firstAt - askedAt)} ms to first token`];
      const seconds = (lastAt - firstAt) / 1000;
      // A handful of tokens that came together has no pace.
      if (seconds > 0.05) figures.push(`${((count - 1) / seconds).toFixed(1)} tokens/s`);
      figures.push(count === 1 ? "1 token" : `${count} tokens`);
      return figures;
    },
  };
}

/**
 * @param {HTMLElement} article a fresh copy of the template `answer`
 * @param {() => void} onPaint called after each change of what is shown
 */
export function createAnswerView(article, onPaint) {
  const text = find(".text", HTMLElement, article).appendChild(new Text());
  const metrics = find(".metrics", HTMLElement, article);
  const problem = find(".problem", HTMLElement, article);
  const meter = createMeter();
  let unpainted = "";
  let note = "";

  const painter = createPainter(() => {
    // Appending keeps what the reader has selected; setting the text again would not.
    if (unpainted !== "") text.appendData(unpainted);
    unpainted = "";
    // Figures break between each other, never inside.
    const parts = [...meter.figures(), note].map((part) => part.replaceAll(" ", "\u00a0"));
    metrics.textContent = parts.join(" · ");
    onPaint();
  });

  return {
    /** @param {string} token */
    addToken(token) {
      meter.count();
      unpainted += token;
      painter.request();
    },
    /**
     * What is going on, or how it ended.
     * @param {string} words
     */
    setNote(words) {
      note = words;
      painter.request();
    },
    /** @param {string} status */
    setStatus(status) {
      // Who sees a status may rely on the text that belongs to it.
      painter.flush();
      article.dataset["status"] = status;
    },
    /**
     * @param {StreamError} error
     * @param {() => void} tryAgain
     */
    showError(error, tryAgain) {
      const { code, requestId, retryable } = error;
      find(".words", HTMLElement, problem).textContent = explainError(error);
      find(".reference", HTMLElement, problem).textContent =
        requestId === undefined ? code : `${code}, request ${requestId}`;
      const button = find("button", HTMLButtonElement, problem);
      button.hidden = !retryable;
      button.addEventListener("click", tryAgain);
      problem.hidden = false;
    },
    flush: painter.flush,
  };
}
