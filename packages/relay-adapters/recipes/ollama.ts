import {
  RelayError,
  type Adapter,
  type AdapterExchange,
  type AdapterFormat,
  type StopEvent,
  type StreamEvent,
  type WholeAnswer,
} from "@gatestream/relay";

/** Ollama's `/api/chat`: `new Ollama({ host: "https://relay.example.com/api/llm/ollama" })`. */
export function ollama(): Adapter {
  return {
    name: "ollama",
    routesAt: (path) => (path === "/ollama/api/chat" ? [{ method: "POST", run: chat }] : []),
    refusal: ({ status, message }) => ({ status, body: { error: message } }),
  };
}

/** Ends with its reader: nothing continues, so nothing has to be followed. */
async function chat(exchange: AdapterExchange): Promise<void> {
  const asked = await exchange.readJson();
  if (!isObject(asked)) throw new RelayError("invalid_request", "The body must be an object.");
  const { model, messages, stream } = asked;
  const body = {
    configurationId: model,
    messages: Array.isArray(messages) ? messages.map(messageOf) : messages,
  };
  const answer = { model: String(model), startedAt: exchange.receivedAt };
  if (stream !== false) return exchange.start(body, createOllamaFormat(answer));
  const whole = await exchange.collect(body);
  // Undefined: the reader has left.
  if (whole !== undefined) exchange.reply({ status: 200, body: wholeOf(whole, answer) });
}

/** What is not a message is passed on: the relay refuses it, and says why. */
function messageOf(message: unknown): unknown {
  return isObject(message) ? { role: message["role"], content: message["content"] } : message;
}

export interface OllamaAnswer {
  readonly model: string;
  /** In milliseconds since 1970. */
  readonly startedAt: number;
}

/** Lines of JSON; the encoder of one reader. */
export function createOllamaFormat(answer: OllamaAnswer): AdapterFormat {
  return {
    mediaType: "application/x-ndjson",
    // JSON may begin with blanks; an empty line would be an error.
    heartbeat: " ",
    begin: () => "",
    encode: (events) =>
      events
        .map((event) => objectOf(event, answer))
        .map((object) => (object === undefined ? "" : `${JSON.stringify(object)}\n`))
        .join(""),
  };
}

/** Undefined for what the format has no place for: notices, calls of tools, sources, files. */
function objectOf(event: StreamEvent, { model, startedAt }: OllamaAnswer): object | undefined {
  const head = { model, created_at: new Date(startedAt).toISOString() };
  const message = { role: "assistant", content: "" };
  switch (event.type) {
    case "token":
      return { ...head, message: { ...message, content: event.content }, done: false };
    case "reasoning":
      return { ...head, message: { ...message, thinking: event.content }, done: false };
    case "stop":
      return endOf(event as StopEvent, { ...head, message });
    case "error":
      return { error: event["message"] };
    default:
      return undefined;
  }
}

function endOf({ reason, usage }: StopEvent, head: object): object {
  // Not an end that clients take for a whole answer.
  if (reason === "cancelled") return { error: "The answer was cancelled." };
  return {
    ...head,
    done: true,
    done_reason: reason === "length" ? "length" : "stop",
    prompt_eval_count: usage?.inputTokens,
    eval_count: usage?.outputTokens,
  };
}

/** @throws RelayError where the answer broke off. */
function wholeOf({ events }: WholeAnswer, answer: OllamaAnswer): object {
  let content = "";
  let thinking = "";
  let end: object | undefined;
  for (const event of events) {
    if (event.type === "token") content += event.content;
    else if (event.type === "reasoning") thinking += event.content;
    else end = objectOf(event, answer);
  }
  if (end === undefined || "error" in end) {
    throw new RelayError("gateway_interrupted", "The answer broke off.", { retryable: false });
  }
  return { ...end, message: { role: "assistant", content, ...(thinking && { thinking }) } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
