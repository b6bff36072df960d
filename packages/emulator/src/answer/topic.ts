/** What a question is about, in two forms that fit into sentences. */
export interface Topic {
  /** For a heading: "How to reset your password". */
  readonly title: string;
  /** A noun phrase after "about": "how to reset your password", or the question in quotes. */
  readonly about: string;
}

const politeness = /^(?:(?:hi|hello|hey|please|so|and|ok|okay|thanks)\b[\s,.!–—-]*)+/i;
const askForThing =
  /^(?:(?:can|could|would) you (?:please )?)?(?:tell me (?:more )?about|explain|describe|help me with|what about|what(?:'s|’s| is| are)|who (?:is|are)|where (?:is|are))\s+/i;
const askForAction =
  /^(?:how (?:do|can|could|should|would) (?:i|we|you)|how to|(?:can|could|may) (?:i|we)|(?:(?:can|could) you )?(?:please )?help me(?: to)?|i(?:'d| would)? (?:want|need|like) to)\s+/i;

const closingWords = /(?:\s+to (?:me|us))?(?:,?\s+please)?$/i;

const longestTopic = 48;
// Every piece becomes a token each time the topic is named.
const mostPieces = 12;
const wordOrMark = /\s*(?:[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}])/gu;
const wordsOfPhrase = 5;

/** Finds the topic the simple way: no grammar, but no sentence that reads wrong either. */
export function topicOf(question: string): Topic {
  const sentence = firstSentence(question).replace(politeness, "").replace(closingWords, "");
  if (sentence === "") return { title: "How this works", about: "how this works" };
  if (askForThing.test(sentence)) return phrase(sentence.replace(askForThing, ""));
  if (askForAction.test(sentence)) return phrase(`how to ${sentence.replace(askForAction, "")}`);
  const short = shorten(sentence);
  const isPhrase = sentence.split(" ").length < wordsOfPhrase;
  return isPhrase ? phrase(sentence) : { title: capitalised(short), about: `“${short}”` };
}

function firstSentence(question: string): string {
  const line = question.trim().replace(/[\s\p{Cc}]+/gu, " ");
  const [sentence = ""] = line.split(/(?<=[.!?…])\s/u);
  return sentence.replace(/[\s.!?…]+$/u, "");
}

function phrase(text: string): Topic {
  const short = shorten(text.replace(/\b(?:my|our)\b/gi, "your").replace(/\bme\b/gi, "you"));
  return { title: capitalised(short), about: short };
}

/** By code point and at a space, so that neither a character nor a word is torn. */
function shorten(text: string): string {
  const start = Array.from(text).slice(0, longestTopic).join("");
  const short = (start.match(wordOrMark) ?? []).slice(0, mostPieces).join("");
  return short === text ? text : `${short.replace(/\s+\S*$/u, "")}…`;
}

function capitalised(text: string): string {
  const [first = "", ...rest] = Array.from(text);
  return first.toUpperCase() + rest.join("");
}
