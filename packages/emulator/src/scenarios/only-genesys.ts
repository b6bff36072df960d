import { line, stopLine, tokenLine } from "../dialects/genesys/lines.ts";
import type { Scenario } from "./scenario.ts";
import { middleOf, sendEnd, sendTokens } from "./send-tokens.ts";
import { playAnswer } from "./whole-answers.ts";

const dialects = ["genesys"] as const;

// How three objects are glued together, in turns: without anything, and with spaces.
const objectsALine = 3;
const glues = ["", " ", "  "];

export const manyObjectsALine: Scenario = {
  dialects,
  summary: "three objects on a line, with spaces between them or nothing at all",
  async play(turn) {
    const { tokens } = turn;
    turn.begin();
    for (let from = 0; from < tokens.length; from += objectsALine) {
      const group = tokens.slice(from, from + objectsALine);
      for (let count = group.length; count > 0; count -= 1) await turn.nextTokenDue();
      const objects = group.map((token, offset) => tokenLine(token, from + offset).trimEnd());
      if (from + objectsALine >= tokens.length) objects.push(stopLine(tokens.length).trimEnd());
      const glue = glues[(from / objectsALine) % glues.length];
      await turn.write(`${objects.join(glue)}\n`, group.join(""));
    }
  },
};

export const sse: Scenario = {
  dialects,
  summary: "the answer as text/event-stream instead of NDJSON",
  async play(turn) {
    turn.begin({ contentType: "text/event-stream" });
    await sendTokens(turn, { frame: (token, index) => `data: ${tokenLine(token, index)}\n` });
    await turn.write(`data: ${stopLine(turn.tokens.length)}\n`);
  },
};

export const delta: Scenario = {
  dialects,
  summary: "tokens as {delta}, without type and index",
  async play(turn) {
    turn.begin();
    await sendTokens(turn, { frame: (token) => line({ delta: token }) });
    await turn.write(line({ type: "stop", finishReason: "stop" }));
  },
};

export const done: Scenario = {
  dialects,
  summary: "ends with an event of type done instead of stop",
  async play(turn) {
    turn.begin();
    await sendTokens(turn);
    await turn.write(line({ type: "done", index: turn.tokens.length }));
  },
};

export const unknownType: Scenario = {
  dialects,
  summary: "an event of an unknown type, and a token with unknown fields",
  async play(turn) {
    const middle = middleOf(turn);
    turn.begin();
    await sendTokens(turn, { to: middle });
    await turn.write(
      line({ type: "citation", content: "Opening hours", url: "https://example.com/hours" }),
    );
    await sendTokens(turn, {
      from: middle,
      to: middle + 1,
      frame: (content, index) =>
        line({ type: "token", content, index, logprob: -0.25, model: { name: "emulated" } }),
    });
    await sendTokens(turn, { from: middle + 1 });
    await sendEnd(turn);
  },
};

export const tokenEndpointDown: Scenario = {
  dialects,
  summary: "the token endpoint answers 503; cannot be chosen by a message",
  tokenEndpoint: "down",
  play: playAnswer,
};
