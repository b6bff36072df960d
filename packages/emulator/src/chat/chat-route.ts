import { composeAnswer } from "../answer/compose-answer.ts";
import type { CallRecord } from "../calls/call-log.ts";
import type { EmulatorSettings } from "../emulator-options.ts";
import type { Exchange } from "../http/exchange.ts";
import { createRateLimitHeaders } from "../http/rate-limit-headers.ts";
import { readBody } from "../http/read-body.ts";
import { type Refusal, sendRefusal } from "../http/refusal.ts";
import type { TokenStore } from "../oauth/token-store.ts";
import { unauthorized } from "../scenarios/refusals.ts";
import { type ScenarioName, scenarioTable } from "../scenarios/scenario-table.ts";
import { readChatRequest } from "./chat-request.ts";
import { createRefusalCounts } from "./refusal-counts.ts";
import { chooseScenario } from "./scenario-choice.ts";
import { createTurn } from "./turn.ts";

export interface ChatRoute {
  answer(exchange: Exchange, record: CallRecord): Promise<void>;
  /** Starts the counters of all scenarios and of the rate limit again. */
  forget(): void;
}

export interface ChatRouteOptions {
  readonly settings: EmulatorSettings;
  readonly tokens: TokenStore;
  readonly defaultScenario: () => ScenarioName;
}

/** `POST /api/v2/ai/llm/gateway/chat`. */
export function createChatRoute(options: ChatRouteOptions): ChatRoute {
  const { settings, tokens, defaultScenario } = options;
  const rateLimit = createRateLimitHeaders(settings.clock.now);
  const refusals = createRefusalCounts();

  return {
    async answer(exchange, record) {
      const { request, response, writer } = exchange;
      rateLimit.set(response);
      const text = await readBody(request);
      if (text === undefined) return sendRefusal(exchange, tooLarge);
      const body = parsed(text);
      record.update({ body });
      if (!tokens.accepts(bearerOf(request.headers.authorization))) {
        return sendRefusal(exchange, unauthorized);
      }
      const chat = readChatRequest(body);
      if (typeof chat === "string") return sendRefusal(exchange, badRequest(chat));
      const choice = chooseScenario(chat.messages, defaultScenario());
      if (typeof choice === "string") return sendRefusal(exchange, badRequest(choice));

      record.update({ scenario: choice.scenario });
      const earlierAnswers = chat.messages.filter(({ role }) => role === "assistant").length;
      const answer = composeAnswer({ question: choice.question, earlierAnswers }, settings.seed);
      const turn = createTurn({ exchange, record, choice, answer, refusals, settings });
      await scenarioTable[choice.scenario].play(turn);
      writer.end();
    },
    forget() {
      refusals.forget();
      rateLimit.forget();
    },
  };
}

const tooLarge: Refusal = {
  status: 413,
  code: "request.entity.too.large",
  message: "The body must not be larger than 10 MiB.",
};

function badRequest(message: string): Refusal {
  return { status: 400, code: "bad.request", message };
}

/** Undefined for what is not JSON: the validation then says what it expects. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function bearerOf(authorization = ""): string {
  return /^Bearer (?<token>.+)$/i.exec(authorization)?.groups?.["token"] ?? "";
}
