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
} from "./probe.ts";

export interface ServerUnderCheck {
  readonly modelsUrl: URL;
  /** Where answers are asked for. */
  readonly askUrl: URL;
  /** What `askUrl` is called: `chat completions`. */
  readonly asked: string;
  /** What is sent with each request; empty where no key is given. */
  readonly headers: Readonly<Record<string, string>>;
  readonly hasKey: boolean;
  /** Which model answers for a `configurationId`. */
  readonly models: Readonly<Record<string, string>>;
  /** How the variables of the server's settings begin: `OPENAI`. */
  readonly prefix: string;
  /** What `baseUrl` has to be like. */
  readonly baseUrlMust: string;
  readonly settings: UpstreamSettings;
}

/** Asks for the list of models: it takes the key and costs nothing. */
export async function* checkServer(
  server: ServerUnderCheck,
  signal: AbortSignal,
): AsyncGenerator<Finding, void> {
  const { modelsUrl, headers, prefix } = server;
  const connections = createCheckConnections(server.settings);
  const options = { ...connections, headers, signal };
  // A query may contain secrets.
  const what = `server ${modelsUrl.origin}${modelsUrl.pathname}`;
  try {
    const reply = await probe(modelsUrl, options);
    const problem = replyProblem(reply) ?? (await refusal(reply, server, options));
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
    yield* checkModels(server, served);
  } catch (failure) {
    const message = `${connectionProblem(failure)}. ${prefix}_BASE_URL says where it is.`;
    yield { what, outcome: "failed", message };
  } finally {
    await connections.dispatcher.destroy();
  }
}

async function refusal(
  { status }: ProbeReply,
  { askUrl, asked, hasKey, prefix, baseUrlMust }: ServerUnderCheck,
  options: ProbeOptions,
): Promise<string | undefined> {
  if (status === 401 || status === 403) {
    return hasKey
      ? `it does not accept ${prefix}_API_KEY (status ${status}): compare it with the server's`
      : `it wants a key (status ${status}): set ${prefix}_API_KEY`;
  }
  if (status !== 404 && status !== 405) return undefined;
  // Some servers list no models; what they have for answers says whether the address is right.
  const answer = await probe(askUrl, options);
  return answer.status === 404
    ? `it knows neither models nor ${asked} there (status 404): ${prefix}_BASE_URL must ${baseUrlMust}`
    : undefined;
}

/** OpenAI API reference, "List models"; Anthropic's is of the same shape. */
function modelsIn({ text }: ProbeReply): ReadonlySet<string> | undefined {
  const list: unknown = parseObject(text)?.["data"];
  if (!Array.isArray(list)) return undefined;
  const ids = list.map((model: unknown) => (isObject(model) ? model["id"] : undefined));
  return new Set(ids.filter((id) => typeof id === "string"));
}

function* checkModels(
  { models, prefix }: ServerUnderCheck,
  served: ReadonlySet<string>,
): Iterable<Finding> {
  for (const [configurationId, model] of Object.entries(models)) {
    // Ollama lists `llama3:latest` for what is asked for as `llama3`.
    if (served.has(model) || served.has(`${model}:latest`)) continue;
    yield {
      what: `model ${model} of ${configurationId}`,
      outcome: "warning",
      message: `the server does not list it: correct ${prefix}_MODELS, or give the server that model.`,
    };
  }
}

function inWords(served: ReadonlySet<string>): string {
  const shown = [...served].slice(0, 5).join(", ");
  const more = served.size > 5 ? `, … (${served.size})` : "";
  return served.size === 0 ? "no models" : `${shown}${more}`;
}
