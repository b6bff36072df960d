import {
  type Finding,
  isObject,
  parseObject,
  type UpstreamSettings,
} from "@gatestream/relay/parts";
import {
  connectionProblem,
  createCheckConnections,
  probe,
  type ProbeOptions,
  type ProbeReply,
  replyProblem,
} from "../check/probe.ts";

export interface OpenaiUnderCheck {
  readonly modelsUrl: URL;
  readonly chatUrl: URL;
  /** Empty where no key is given. */
  readonly authorization: string;
  /** Which model answers for a `configurationId`. */
  readonly models: Readonly<Record<string, string>>;
  readonly settings: UpstreamSettings;
}

/** Asks for the list of models: it takes the key and costs nothing. */
export async function* checkOpenai(
  { modelsUrl, chatUrl, authorization, models, settings }: OpenaiUnderCheck,
  signal: AbortSignal,
): AsyncGenerator<Finding, void> {
  const connections = createCheckConnections(settings);
  const options = { ...connections, authorization, signal };
  // A query may contain secrets.
  const what = `server ${modelsUrl.origin}${modelsUrl.pathname}`;
  try {
    const reply = await probe(modelsUrl, options);
    const problem = replyProblem(reply) ?? (await refusal(reply, chatUrl, options));
    if (problem !== undefined) {
      yield { what, outcome: "failed", message: `${problem}.` };
      return;
    }
    const served = modelsIn(reply);
    if (served === undefined) {
      yield { what, outcome: "ok", message: "answers, but does not say which models it has" };
      return;
    }
    yield { what, outcome: "ok", message: `answers and has ${inWords(served)}` };
    yield* checkModels(models, served);
  } catch (failure) {
    const message = `${connectionProblem(failure)}. OPENAI_BASE_URL says where it is.`;
    yield { what, outcome: "failed", message };
  } finally {
    await connections.dispatcher.destroy();
  }
}

async function refusal(
  { status }: ProbeReply,
  chatUrl: URL,
  options: ProbeOptions,
): Promise<string | undefined> {
  if (status === 401 || status === 403) {
    return options.authorization
      ? `it does not accept OPENAI_API_KEY (status ${status}): compare it with the server's`
      : `it wants a key (status ${status}): set OPENAI_API_KEY`;
  }
  if (status !== 404 && status !== 405) return undefined;
  // Some servers list no models; what they have for chats says whether the address is right.
  const chat = await probe(chatUrl, options);
  return chat.status === 404
    ? "it knows neither models nor chat completions there (status 404): OPENAI_BASE_URL goes up to the version, such as http://127.0.0.1:11434/v1"
    : undefined;
}

/** OpenAI API reference, "List models". */
function modelsIn({ text }: ProbeReply): ReadonlySet<string> | undefined {
  const list: unknown = parseObject(text)?.["data"];
  if (!Array.isArray(list)) return undefined;
  const ids = list.map((model: unknown) => (isObject(model) ? model["id"] : undefined));
  return new Set(ids.filter((id) => typeof id === "string"));
}

function* checkModels(
  models: Readonly<Record<string, string>>,
  served: ReadonlySet<string>,
): Iterable<Finding> {
  for (const [configurationId, model] of Object.entries(models)) {
    // Ollama lists `llama3:latest` for what is asked for as `llama3`.
    if (served.has(model) || served.has(`${model}:latest`)) continue;
    yield {
      what: `model ${model} of ${configurationId}`,
      outcome: "warning",
      message: "the server does not list it: correct OPENAI_MODELS, or give the server that model.",
    };
  }
}

function inWords(served: ReadonlySet<string>): string {
  const shown = [...served].slice(0, 5).join(", ");
  const more = served.size > 5 ? `, … (${served.size})` : "";
  return served.size === 0 ? "no models" : `${shown}${more}`;
}
