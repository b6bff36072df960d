// A chat on the script-tag build: `gatestream` is the global that gatestream.iife.js sets.

import { createAnswerView, find } from "./answer-view.js";
import { explainEnding, explainError } from "./explain.js";

const log = find("#log", HTMLElement);
const messages = find("#messages", HTMLElement);
const welcome = find("#welcome", HTMLElement);
const composer = find("#composer", HTMLFormElement);
const message = find("#message", HTMLTextAreaElement);
const send = find("#send", HTMLButtonElement);
const newChat = find("#new-chat", HTMLButtonElement);
const latest = find("#latest", HTMLButtonElement);
const announcement = find("#announcement", HTMLElement);

// What fails is told at once: the page has a button to try again.
const client = gatestream.createClient({ url: "/api/llm", retry: false });

/** @typedef {import("@gatestream/client").TokenStream} TokenStream */
/** @typedef {{ question: string, answer: string }} Turn */

/** @type {Turn[]} */
let turns = [];

/** Which configuration of the gateway answers; empty until demo.json is here. */
let configurationId = "";

/** @type {TokenStream | undefined} */
let running;

/** Whether the reader is at the bottom, and so wants to stay there. */
let following = true;

/** The whole conversation goes to the gateway with every turn. */
function conversation() {
  return turns.flatMap(({ question, answer }) => [
    { role: "user", content: question },
    ...(answer === "" ? [] : [{ role: "assistant", content: answer }]),
  ]);
}

/** @param {"question" | "answer"} kind */
function addArticle(kind) {
  const template = find(`template#${kind}`, HTMLTemplateElement);
  const article = find("article", HTMLElement, document.importNode(template.content, true));
  messages.append(article);
  return article;
}

function scrollToLatest() {
  log.scrollTop = log.scrollHeight;
}

/** @param {TokenStream | undefined} stream */
function setRunning(stream) {
  running = stream;
  send.setAttribute("aria-label", stream === undefined ? "Send" : "Stop");
}

/**
 * Streams the answer to the last turn.
 * @param {Turn} turn
 */
async function streamAnswer(turn) {
  const article = addArticle("answer");
  const view = createAnswerView(article, () => {
    if (following) scrollToLatest();
  });

  const stream = client.stream(
    { configurationId, messages: conversation() },
    {
      onToken: view.addToken,
      onEvent(event) {
        if (event.type !== "queued") return;
        view.setNote(event.position === 1 ? "next in line" : `number ${event.position} in line`);
      },
      onStatus(status) {
        view.setNote(status);
        view.setStatus(status);
      },
    },
  );
  setRunning(stream);
  announcement.textContent = "Answering…";

  /** What a screen reader says at the end. */
  let summary = "";
  try {
    const { text, reason } = await stream.result();
    view.setNote(explainEnding(reason));
    summary = reason === "cancelled" ? "Stopped." : text;
  } catch (error) {
    if (!gatestream.isStreamError(error)) throw error;
    view.setNote("error");
    view.showError(error, () => {
      article.remove();
      turn.answer = "";
      message.focus();
      void streamAnswer(turn);
    });
    summary = explainError(error);
  }
  turn.answer = stream.text;
  view.flush();
  // A new chat may have begun in the meantime.
  if (running !== stream) return;
  setRunning(undefined);
  announcement.textContent = summary;
}

/** @param {string} question */
function ask(question) {
  // Only the last answer can be tried again.
  for (const button of messages.querySelectorAll("button")) button.hidden = true;
  welcome.hidden = true;
  newChat.hidden = false;
  following = true;
  find(".text", HTMLElement, addArticle("question")).textContent = question;
  const turn = { question, answer: "" };
  turns.push(turn);
  void streamAnswer(turn);
}

/** For browsers that cannot do it in CSS. */
function resizeMessage() {
  if (CSS.supports("field-sizing", "content")) return;
  message.style.height = "auto";
  message.style.height = `${message.scrollHeight}px`;
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  // Whoever pressed the button with the keyboard wants to write next.
  message.focus();
  if (running !== undefined) return running.cancel();
  const question = message.value.trim();
  if (question === "" || configurationId === "") return;
  message.value = "";
  resizeMessage();
  ask(question);
});

// A click on the button leaves the focus where it is, and a phone's keyboard as it is.
send.addEventListener("mousedown", (event) => event.preventDefault());

message.addEventListener("input", resizeMessage);

message.addEventListener("keydown", (event) => {
  // Enter also ends the composition of a Japanese or Chinese word: that must not send.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (running === undefined) composer.requestSubmit();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) running?.cancel();
});

welcome.addEventListener("click", (event) => {
  const chip = event.target instanceof Element && event.target.closest("button[data-message]");
  if (!(chip instanceof HTMLElement) || configurationId === "") return;
  message.focus();
  ask(chip.dataset["message"] ?? "");
});

newChat.addEventListener("click", () => {
  const stream = running;
  setRunning(undefined);
  stream?.cancel();
  turns = [];
  messages.replaceChildren();
  welcome.hidden = false;
  newChat.hidden = true;
  latest.hidden = true;
  announcement.textContent = "New chat.";
  message.focus();
});

log.addEventListener("scroll", () => {
  following = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  latest.hidden = following;
});

// The composer grows, a phone's keyboard opens: the end of the answer stays in sight.
new ResizeObserver(() => {
  if (following) scrollToLatest();
}).observe(log);

latest.addEventListener("click", () => {
  scrollToLatest();
  message.focus();
});

/** Learns from the server which gateway answers, and under which configuration. */
async function readDemo() {
  const gateway = find("#gateway", HTMLElement);
  try {
    const demo = await (await fetch("demo.json")).json();
    configurationId = demo.configurationId;
    gateway.textContent = demo.gateway === "emulator" ? "Emulator" : demo.gateway;
    find("#scenarios", HTMLElement).hidden = demo.gateway !== "emulator";
  } catch {
    // Without a configuration nothing can be asked, so the page has to say it.
    gateway.textContent = "The server does not answer. Reload the page to try again.";
  }
  gateway.hidden = false;
}

void readDemo();
