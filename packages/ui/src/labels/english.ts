import { english as inspector } from "../inspector/english.ts";
import { english as markdown } from "../markdown/english.ts";
import type { Labels } from "./labels.ts";

const number = (value: number): string => value.toLocaleString("en");

export const english: Labels = {
  newChat: "New chat",
  newChatBegun: "New chat.",
  conversations: "Conversations",
  download: "Download",
  talkToPerson: "Talk to a person",
  openChat: (unreadCount) =>
    unreadCount === 0
      ? "Open chat"
      : `Open chat, ${unreadCount === 1 ? "one new answer" : `${unreadCount} new answers`}`,
  closeChat: "Close chat",
  disclaimer: "Answers are written by a machine and can be wrong.",

  conversation: "Conversation",
  you: "You",
  answer: "Answer",
  latest: "Latest",
  showAll: "Show all",
  showLess: "Show less",
  greeting: "Ask a question.",

  ...markdown,
  retry: "Ask again",
  continue: "Continue",
  continueRequest: "Please continue where you stopped.",
  edit: "Edit",
  goodAnswer: "Good",
  badAnswer: "Bad",
  previousBranch: "Previous version",
  nextBranch: "Next version",
  actionOn: (action, isAnswer, count) => `${action} ${isAnswer ? "answer" : "message"} ${count}`,
  editMessage: "Edit message",
  sendAgain: "Send again",
  cancel: "Cancel",

  message: "Message",
  placeholder: "Write a message",
  send: "Send",
  stop: "Stop",
  characters: (count, max) => `${number(count)} of ${number(max)} characters`,
  messageTooLong: (excess) =>
    `The message was not sent: it is ${excess === 1 ? "a character" : `${number(excess)} characters`} too long.`,
  textTooLong: (count, max) =>
    `This text has ${number(count)} characters, and a message may have ${number(max)}: it was not inserted.`,
  waitingQuestions: "Waiting questions",
  removeQuestion: "Remove",

  answering: "Answering…",
  thinking: "Still working on the answer…",
  takesLonger: "This is taking longer than usual.",
  queued: "The gateway is busy. Waiting in line…",
  queuedAt: (position) =>
    position === 1
      ? "The gateway is busy. You are next in line…"
      : `The gateway is busy. You are number ${number(position)} in line…`,
  reconnecting: "The connection was lost. Reconnecting…",
  offline: "There is no network. The answer goes on when it is back…",
  resumed: "Connected again.",

  reasoningNow: "Thinking…",
  reasoningTime: (seconds) =>
    `Thought for ${seconds === 1 ? "a second" : `${number(seconds)} seconds`}`,
  reasoning: "Thoughts",
  toolPreparing: "Preparing…",
  toolUnfinished: "Not finished",
  toolRunning: "Running…",
  toolDone: "Done",
  toolCalled: "Called",
  sources: "Sources",
  image: (count) => `Image ${count}`,

  stopped: "Stopped.",
  abandoned: "The answer was ended because nobody was reading it.",
  lengthReached: "The answer reached its length limit and is incomplete.",
  filtered: "A content filter ended the answer.",
  empty: "The answer is empty.",

  inspector,

  // The codes of the relay, then those of the client.
  errors: {
    invalid_request: "The relay could not read this request.",
    unauthorized: "You are not signed in, or your sign-in has expired.",
    forbidden: "You may not use this chat from here.",
    not_found: "The relay was not found at this address.",
    stream_not_found: "This answer is no longer kept.",
    method_not_allowed: "The relay does not understand this request.",
    cursor_unknown: "The place to continue from is not known any more.",
    payload_too_large: "The conversation has become too long to send. Start a new chat.",
    unsupported_media_type: "The relay does not understand this request.",
    idempotency_key_reused: "This question was already asked in another form. Ask it again.",
    rate_limited: "You have sent many messages in a short time.",
    gateway_rejected: "The gateway refused this conversation.",
    gateway_auth_failed:
      "The gateway did not accept the relay's credentials. An operator must look.",
    gateway_rate_limited: "The gateway is answering as many questions as it may right now.",
    gateway_unavailable: "The gateway cannot be reached right now.",
    gateway_timeout: "The gateway took too long.",
    gateway_interrupted: "The answer broke off before it was complete.",
    gateway_protocol_error: "The gateway sent something that could not be understood.",
    slow_consumer: "The connection was too slow to keep up with the answer.",
    producer_lost: "The server that was writing this answer is gone.",
    overloaded: "Too many people are asking at once.",
    relay_draining: "The server is being restarted.",
    internal_error: "Something went wrong on the server.",
    network: "The server cannot be reached.",
    headers: "Your sign-in could not be renewed.",
    timeout: "The server did not answer in time.",
    stalled: "The connection has fallen silent.",
    truncated: "The answer broke off before it was complete.",
    protocol: "The server's reply was not an answer. Something in between may have changed it.",
    aborted: "The request was called off.",
    tool: "A step of the answer could not be carried out.",
  },
  tryAgain: "Trying again may help.",
  pleaseWait: (seconds) => `Please wait ${seconds === 1 ? "a second" : `${seconds} seconds`}.`,
  details: "Details",
  requestReference: (code, requestId) => `${code}, request ${requestId}`,
};
