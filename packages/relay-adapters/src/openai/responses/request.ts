import { isObject, RelayError } from "@gatestream/relay/parts";
import { type Fields, givenOptions, responseFormatOf, toolOf } from "../answer-options.ts";
import { messagesIn } from "./input.ts";

/** Fields that refer to what OpenAI keeps, and what to do instead. */
const refused: Readonly<Record<string, string>> = {
  previous_response_id: "send the whole conversation in input",
  conversation: "send the whole conversation in input",
  prompt: "send its text in instructions and input",
};

/**
 * A request for a response, as a request of the relay: what else is wrong is said there.
 *
 * @throws RelayError `invalid_request` for what the relay cannot do, and what to change.
 */
export function readResponseRequest(given: unknown, allowedOptions: readonly string[]) {
  if (!isObject(given)) throw new RelayError("invalid_request", "The body must be an object.");
  for (const [name, instead] of Object.entries(refused)) {
    if (given[name] === undefined || given[name] === null) continue;
    throw new RelayError("invalid_request", `${name} is not supported: ${instead}.`);
  }
  const { model, instructions, input, metadata, stream, background, store } = given;
  const isBackground = background === true;
  if (isBackground && store === false) {
    const problem = "background needs store: the relay keeps the response until it was read.";
    throw new RelayError("invalid_request", `${problem} Leave out store.`);
  }
  return {
    body: {
      configurationId: model,
      messages: messagesIn(instructions, input),
      ...(isObject(metadata) && { metadata }),
      ...(isBackground && { onDisconnect: "detach" }),
      ...givenOptions(optionsOf(given), allowedOptions),
    },
    metadata: isObject(metadata) ? metadata : {},
    isStreamed: stream === true,
    isBackground,
  };
}

function optionsOf(given: Fields): Fields {
  const { tools, tool_choice: choice, text, temperature, max_output_tokens: most } = given;
  const format = isObject(text) ? text["format"] : undefined;
  return {
    temperature: temperature ?? undefined,
    maxOutputTokens: most ?? undefined,
    responseFormat: isObject(format) ? responseFormatOf(format["type"], format) : undefined,
    tools:
      Array.isArray(tools) && tools.length > 0
        ? tools.map((tool, at) => toolOf(functionIn(tool, `tools.${at}`)))
        : undefined,
    toolChoice: isObject(choice)
      ? { name: functionIn(choice, "tool_choice")["name"] }
      : (choice ?? undefined),
  };
}

function functionIn(tool: unknown, at: string): Fields {
  if (isObject(tool) && tool["type"] === "function") return tool;
  const type = isObject(tool) ? String(tool["type"]) : typeof tool;
  throw new RelayError(
    "invalid_request",
    `${at} has the type ${type}; tools must be functions: the relay runs none, the caller does.`,
  );
}
