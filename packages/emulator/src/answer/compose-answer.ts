import { answerForms } from "./forms.ts";
import { type Random, createRandom, hashOf, pick } from "./random.ts";
import { tokenize } from "./tokenize.ts";
import { topicOf } from "./topic.ts";

export interface Answer {
  readonly tokens: readonly string[];
  /** Continues the sequence that made the text, for the jitter of the pacing. */
  readonly random: Random;
}

export interface Conversation {
  /** The last user message, without the `/scenario NAME` in front. */
  readonly question: string;
  /** How many answers were given before. */
  readonly earlierAnswers: number;
}

/** An answer to the question; the same conversation and seed always give the same one. */
export function composeAnswer({ question, earlierAnswers }: Conversation, seed: number): Answer {
  const random = createRandom(hashOf(`${seed}\n${earlierAnswers}\n${question}`));
  const topic = topicOf(question);
  const form = pick(random, answerForms);
  const text = [
    `## ${topic.title}`,
    earlierAnswers > 0 ? followUp(topic.about, random) : greeting(topic.about, random),
    form(topic, random),
    "_This is the gatestream emulator speaking; no model was asked._",
  ].join("\n\n");
  return { tokens: tokenize(text, random), random };
}

function greeting(about: string, random: Random): string {
  return pick(random, [
    `Thanks for asking about ${about}.`,
    `Happy to help! You asked about ${about}.`,
    `Let’s look at ${about} together.`,
    `Good that you bring up ${about}.`,
  ]);
}

function followUp(about: string, random: Random): string {
  return pick(random, [
    `That follows on nicely from what we discussed; now to ${about}.`,
    `Building on my last answer, let’s turn to ${about}.`,
    `As we have covered the first part already, this is about ${about}.`,
  ]);
}
