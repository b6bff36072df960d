import { setImmediate as loopTurn } from "node:timers/promises";

import type { Answer } from "../answer/compose-answer.ts";
import type { CallRecord } from "../calls/call-log.ts";
import type { EmulatorSettings } from "../emulator-options.ts";
import type { Exchange } from "../http/exchange.ts";
import { removeRateLimitHeaders } from "../http/rate-limit-headers.ts";
import { sendRefusal } from "../http/refusal.ts";
import type { Turn } from "../scenarios/scenario.ts";
import { createPacer } from "./pacer.ts";
import type { RefusalCounts } from "./refusal-counts.ts";
import type { ScenarioChoice } from "./scenario-choice.ts";

export interface TurnOptions {
  readonly exchange: Exchange;
  readonly record: CallRecord;
  readonly choice: ScenarioChoice;
  readonly answer: Answer;
  readonly refusals: RefusalCounts;
  readonly settings: EmulatorSettings;
}

/** Gives a scenario its hands: every one of them lets go when the peer leaves. */
export function createTurn(options: TurnOptions): Turn {
  const { exchange, record, choice, answer, refusals, settings } = options;
  const { tokens, random } = answer;
  const { tokensPerSecond, slowFirstTokenMs, clock } = settings;
  const { writer, contextId } = exchange;
  const signal = writer.over;

  return {
    tokens,
    argument: choice.argument,
    slowFirstTokenMs,
    contextId,
    refusedBefore: refusals.of(choice.scenario),
    begin({ status = 200, contentType = "application/x-ndjson" } = {}) {
      refusals.answered(choice.scenario);
      writer.head(status, status === 204 ? {} : { "Content-Type": contentType });
    },
    async write(piece, sentText = "") {
      const written = writer.write(piece);
      if (sentText !== "") record.addSentText(sentText);
      await written;
    },
    nextTokenDue: createPacer({ tokens, tokensPerSecond, random, clock, signal }),
    nextLoopTurn: () => loopTurn(undefined, { signal }),
    wait: (ms) => clock.wait(ms, signal),
    untilPeerLeaves: () =>
      new Promise((_, reject) => {
        const leave = (): void => reject(signal.reason);
        if (signal.aborted) leave();
        else signal.addEventListener("abort", leave, { once: true });
      }),
    cut: () => writer.cut(),
    refuse(refusal, { rateLimitHeaders = true } = {}) {
      refusals.refused(choice.scenario);
      if (!rateLimitHeaders) removeRateLimitHeaders(exchange.response);
      sendRefusal(exchange, refusal);
    },
  };
}
