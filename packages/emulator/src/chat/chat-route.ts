import type { IncomingHttpHeaders } from "node:http";

import { composeAnswer } from "../answer/compose-answer.ts";
import type { CallRecord } from "../calls/call-log.ts";
import type { Chat, Dialect, DialectName } from "../dialects/dialect.ts";
import type { EmulatorSettings } from "../emulator-options.ts";
import type { Exchange } from "../http/exchange.ts";
import { readBody } from "../http/read-body.ts";
import { type Refusal, rateLimited } from "../http/refusal.ts";
import { sendJson, sendRefusal } from "../http/send-refusal.ts";
import { type ScenarioName, scenarioTable } from "../scenarios/scenario-table.ts";
import { createBackground } from "./background.ts";
import { createPlayCounts } from "./play-counts.ts";
import { createRateWindow } from "./rate-window.ts";
import { type ScenarioChoice, chooseScenario } from "./scenario-choice.ts";
import { createTurn } from "./turn.ts";

export interface ChatRoute {
  answer(exchange: Exchange, record: CallRecord): Promise<void>;
  /** `GET /v1/responses/{id}`: an answer in the background once more. */
  follow(id: string, exchange: Exchange): Promise<void>;
  /** `POST /v1/responses/{id}/cancel` */
  cancel(id: string, exchange: Exchange): Promise<void>;
  /** Ends the answers in the background, and starts the counters of all scenarios and of the rate limit again. */
  forget(): void;
}

export interface ChatRouteOptions {
  readonly settings: EmulatorSettings;
  /** Whether a token or key is good for the endpoint of the dialect. */
  readonly accepts: Readonly<Record<DialectName, (token: string) => boolean>>;
  readonly defaultScenario: () => ScenarioName;
}

interface Admission {
  readonly chat: Chat;
  readonly choice: ScenarioChoice;
}

/** The chat endpoints of all dialects: the counters are those of the emulator. */
export function createChatRoute(options: ChatRouteOptions): ChatRoute {
  const { settings, accepts, defaultScenario } = options;
  const { requestsPerMinute, enforceRateLimit, seed, clock } = settings;
  const rateWindow = createRateWindow(requestsPerMinute, clock.now);
  const plays = createPlayCounts();
  const background = createBackground();

  /** Whether the request has a good key; otherwise it is refused. */
  function isAllowed(exchange: Exchange): boolean {
    const { request, dialect } = exchange;
    const accepted = accepts[dialect.name](credentialOf(request.headers, dialect));
    if (!accepted) sendRefusal(exchange, { reason: "unauthorized" });
    return accepted;
  }

  async function admit(exchange: Exchange, record: CallRecord): Promise<Admission | Refusal> {
    const { request, response, dialect } = exchange;
    const rate = rateWindow.count();
    response.setHeaders(new Map(Object.entries(dialect.rateLimit.headers(rate))));
    const text = await readBody(request);
    if (text === undefined) return { reason: "too-large" };
    const body = parsed(text);
    record.update({ body });
    const accepted = accepts[dialect.name](credentialOf(request.headers, dialect));
    if (!accepted) return { reason: "unauthorized" };
    if (enforceRateLimit && rate.count > rate.allowed) return rateLimited(rate.resetSeconds);
    const chat = dialect.readChat(body, request.headers);
    if (typeof chat === "string") return { reason: "bad-request", message: chat };
    const choice = chooseScenario(chat.messages, dialect.name, defaultScenario());
    if (typeof choice === "string") return { reason: "bad-request", message: choice };
    return { chat, choice };
  }

  return {
    async answer(exchange, record) {
      const admission = await admit(exchange, record);
      if ("reason" in admission) return sendRefusal(exchange, admission);
      const { messages, pieces, backgroundId } = admission.chat;
      const { scenario, question, argument } = admission.choice;
      record.update({ scenario });
      const earlierAnswers = messages.filter(({ role }) => role === "assistant").length;
      const writer = backgroundId
        ? background.begin(backgroundId(exchange.contextId), exchange.writer)
        : exchange.writer;
      const turn = createTurn({ ...exchange, writer }, record, {
        argument,
        answer: composeAnswer({ question, earlierAnswers }, seed),
        pieces: pieces(exchange.contextId),
        hasToolResult: messages.at(-1)?.role === "tool",
        playedBefore: plays.count(scenario),
        settings,
      });
      try {
        await scenarioTable[scenario].play(turn);
        writer.end();
      } catch (failure) {
        // It was cancelled.
        if (backgroundId === undefined || !writer.over.aborted) throw failure;
      }
    },
    async follow(id, exchange) {
      if (!isAllowed(exchange)) return;
      const query = new URL(exchange.request.url ?? "", "http://emulator").searchParams;
      const after = Number(query.get("starting_after") ?? -1);
      if (query.get("stream") !== "true" || !(await background.follow(id, after, exchange))) {
        sendRefusal(exchange, { reason: "not-found" });
      }
    },
    async cancel(id, exchange) {
      if (!isAllowed(exchange)) return;
      if (!background.cancel(id)) return sendRefusal(exchange, { reason: "not-found" });
      sendJson(exchange, 200, { id, object: "response", status: "cancelled" });
    },
    forget() {
      background.forget();
      plays.forget();
      rateWindow.forget();
    },
  };
}

/** Undefined for what is not JSON: the validation then says what it expects. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function credentialOf(headers: IncomingHttpHeaders, { credentialHeader }: Dialect): string {
  const text = String(headers[credentialHeader] ?? "");
  if (credentialHeader !== "authorization") return text;
  return /^Bearer (?<token>.+)$/i.exec(text)?.groups?.["token"] ?? "";
}
