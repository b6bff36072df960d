import type { ObserverEvent } from "@gatestream/relay";
import { assembleRelay } from "@gatestream/relay/command";
import { createMetrics } from "@gatestream/relay-metrics";
import { createParser } from "eventsource-parser";
import { resolveCommandSettings, type CommandOptions } from "../settings/command-settings.ts";
import { readGatewayLines } from "./gateway-lines.ts";

export interface Question {
  readonly text: string;
  readonly configurationId: string;
  /** Whether the gateway's own lines are printed in place of the answer. */
  readonly isRaw: boolean;
}

export interface AskSurroundings {
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
}

/** What to do about a failed question, by the code of its error. */
const adviceByCode: Readonly<Record<string, string>> = {
  invalid_request: "Change the question or the configuration as the message says.",
  forbidden: "Name this configuration in GATESTREAM_ALLOWED_CONFIGURATIONS, or ask another one.",
  payload_too_large: "Ask a shorter question, or raise GATESTREAM_MAX_BODY_BYTES.",
  gateway_rejected:
    "Check that the configuration exists, and that the credentials may use it; GENESYS_GATEWAY_PATH, OPENAI_BASE_URL or ANTHROPIC_BASE_URL when the path is wrong.",
  gateway_auth_failed:
    "Check GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET, OPENAI_API_KEY or ANTHROPIC_API_KEY: gatestream check tries them.",
  gateway_rate_limited: "Wait, and ask again.",
  gateway_unavailable: "Run gatestream check: it says whether the gateway can be reached.",
  gateway_timeout: "Ask again; GATESTREAM_FIRST_BYTE_TIMEOUT_MS when the model thinks for longer.",
  gateway_interrupted: "Ask again with --raw to see where the answer broke off.",
  gateway_protocol_error: "Ask again with --raw to see what came in place of an answer.",
};
const otherAdvice = "Run gatestream check: it tries the settings one after the other.";

/**
 * Asks the gateway one question through a relay with these options, and prints the answer as it
 * comes, then what came and how long it took. Resolves to the exit code.
 *
 * @throws OptionsError listing everything that is wrong with `options`.
 */
export async function ask(
  options: CommandOptions,
  { text, configurationId, isRaw }: Question,
  { print, printError }: AskSurroundings,
): Promise<number> {
  const settings = {
    ...resolveCommandSettings(options),
    // This relay has no other clients, and its answer is never resumed.
    host: "127.0.0.1",
    port: 0,
    redisUrl: "",
    resume: "off" as const,
  };
  let cause: unknown;
  const observer = (event: ObserverEvent): void => {
    if ("error" in event) cause = event.error?.cause ?? cause;
  };
  const own = { ...options, observer, authenticate: () => ({ subject: "ask" }) };
  const relay = assembleRelay(own, settings, createMetrics());
  const lines = readGatewayLines((line) => {
    if (isRaw) print(`${line}\n`);
  });
  const startedAt = performance.now();
  let firstTokenAt: number | undefined;
  let endedAt = startedAt;
  let tokens = 0;
  let usage: object | undefined;
  let failure: Told | undefined;
  let last = "\n";
  try {
    const { url } = await relay.listen();
    const body = { configurationId, messages: [{ role: "user", content: text }] };
    for await (const event of eventsOf(`${url}${settings.basePath}/stream`, body)) {
      if (event.type === "token") {
        firstTokenAt ??= performance.now();
        tokens += 1;
        const { content = "" } = event;
        last = content.at(-1) ?? last;
        if (!isRaw) print(content);
      } else if (event.type === "stop") {
        ({ usage } = event);
      } else if (event.type === "error") {
        failure = event;
      }
    }
  } finally {
    endedAt = performance.now();
    await relay.close();
    lines.close();
  }

  if (!isRaw && last !== "\n") print("\n");
  const types = [...lines.types].map(([type, count]) => `${type} × ${count}`);
  // What the gateway told in its own words stands in `raw`, which is no count.
  const counts = Object.entries(usage ?? {}).filter(([, count]) => typeof count === "number");
  const told = counts.map(([name, count]) => `${name} ${count}`);
  const rows = [
    ["framing", lines.framing ?? "none: the gateway gave no answer"],
    ["types", types.join(", ") || "none"],
    ["first token", firstTokenAt === undefined ? "none" : inMs(firstTokenAt - startedAt)],
    ["total", inMs(endedAt - startedAt)],
    ["tokens", [tokens, ...(told.length > 0 ? [`(usage: ${told.join(", ")})`] : [])].join(" ")],
  ];
  printError(`\n${rows.map(([name = "", value]) => `${name.padEnd(12)} ${value}\n`).join("")}`);
  if (failure === undefined) return 0;
  const { code = "internal_error", message = "" } = failure;
  const why = cause instanceof Error ? ` ${cause.message}` : "";
  printError(`\n${code}: ${message}${why}\n${adviceByCode[code] ?? otherAdvice}\n`);
  return 1;
}

/** What this reads of an event or a refusal; the relay in this process has written it. */
interface Told {
  readonly type: string;
  readonly content?: string;
  readonly usage?: object;
  readonly code?: string;
  readonly message?: string;
}

/** The events of one answer; a refusal is an `error` event too. */
async function* eventsOf(url: string, body: object): AsyncGenerator<Told, void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok || response.body === null) {
    const { error } = (await response.json()) as { error: object };
    yield { ...error, type: "error" };
    return;
  }
  let events: Told[] = [];
  const parser = createParser({ onEvent: ({ data }) => events.push(JSON.parse(data)) });
  const decoder = new TextDecoder();
  for await (const chunk of response.body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* events;
    events = [];
  }
}

function inMs(duration: number): string {
  return `${Math.round(duration)} ms`;
}
