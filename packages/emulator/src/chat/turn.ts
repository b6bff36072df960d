import { setImmediate as loopTurn } from "node:timers/promises";

import type { Answer } from "../answer/compose-answer.ts";
import type { CallRecord } from "../calls/call-log.ts";
import type { EmulatorSettings } from "../emulator-options.ts";
import type { Exchange } from "../http/exchange.ts";
import { sendRefusal } from "../http/send-refusal.ts";
import type { Turn } from "../scenarios/scenario.ts";
import { createPacer } from "./pacer.ts";

export interface TurnOptions extends Pick<
  Turn,
  "argument" | "hasToolResult" | "pieces" | "playedBefore"
> {
  readonly answer: Answer;
  readonly settings: EmulatorSettings;
}

/** Creates the functions that a scenario answers with; each of them stops waiting when the peer disconnects. */
export function createTurn(exchange: Exchange, record: CallRecord, options: TurnOptions): Turn {
  const { argument, hasToolResult, pieces, playedBefore, answer, settings } = options;
  const { tokens, random } = answer;
  const { tokensPerSecond, slowFirstTokenMs, clock } = settings;
  const { writer, request, response, dialect } = exchange;
  const signal = writer.over;

  return {
    tokens,
    argument,
    credential: String(request.headers[dialect.credentialHeader] ?? ""),
    hasToolResult,
    slowFirstTokenMs,
    playedBefore,
    pieces,
    rateLimit: dialect.rateLimit,
    begin({ status = 200, contentType = pieces.contentType, headers = {} } = {}) {
      writer.head(status, status === 204 ? {} : { "Content-Type": contentType, ...headers });
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
      if (!rateLimitHeaders) {
        const names = response.getHeaderNames().filter((name) => name.includes("ratelimit"));
        for (const name of names) response.removeHeader(name);
      }
      sendRefusal(exchange, refusal);
    },
  };
}
