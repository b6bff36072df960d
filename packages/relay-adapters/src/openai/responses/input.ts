import { isObject, RelayError } from "@gatestream/relay/parts";
import { type Fields, imageOf } from "../answer-options.ts";

interface Turn {
  readonly role: unknown;
  content: unknown;
  toolCalls?: object[];
  readonly toolCallId?: unknown;
}

/**
 * The conversation in `instructions` and `input`: a text, or items.
 *
 * @throws RelayError `invalid_request` for an item or a part that no message can hold.
 */
export function messagesIn(instructions: unknown, input: unknown): unknown {
  const turns: Turn[] = [];
  if (typeof instructions === "string" && instructions !== "") {
    turns.push({ role: "system", content: instructions });
  }
  if (typeof input === "string") turns.push({ role: "user", content: input });
  else if (Array.isArray(input)) {
    for (const [at, item] of input.entries()) addItem(turns, item, `input.${at}`);
  } else {
    throw new RelayError("invalid_request", "input must be a text or an array of items.");
  }
  return turns;
}

function addItem(turns: Turn[], item: unknown, at: string): void {
  if (!isObject(item)) throw new RelayError("invalid_request", `${at} must be an object.`);
  const { type = "message" } = item;
  switch (type) {
    case "message":
      turns.push(messageOf(item, at));
      break;
    case "function_call":
      addCall(turns, item);
      break;
    case "function_call_output":
      turns.push({
        role: "tool",
        toolCallId: item["call_id"],
        content: contentOf(item["output"], `${at}.output`),
      });
      break;
    case "reasoning":
      // A client sends back what it got: no upstream takes thoughts in a conversation.
      break;
    default:
      throw new RelayError("invalid_request", `${at} ${problemOf(type)}.`);
  }
}

function problemOf(type: unknown): string {
  if (type === "item_reference") {
    return "refers to an item that is not kept: send it whole, which clients do with store: false";
  }
  const known = "message, function_call, function_call_output and reasoning";
  return `has the type ${String(type)}; items may be ${known}`;
}

function messageOf({ role, content }: Fields, at: string): Turn {
  return {
    role: role === "developer" ? "system" : role,
    content: contentOf(content, `${at}.content`),
  };
}

/** Calls that follow each other, or the text of the same turn, are one message. */
function addCall(turns: Turn[], { call_id: callId, name, arguments: text }: Fields): void {
  let turn = turns.at(-1);
  if (turn?.role !== "assistant") {
    turn = { role: "assistant", content: "" };
    turns.push(turn);
  }
  (turn.toolCalls ??= []).push({ callId, name, arguments: text });
}

/** Text alone as text: not every upstream takes parts. */
function contentOf(content: unknown, at: string): unknown {
  if (!Array.isArray(content)) return content ?? "";
  const parts = content.map((part, index) => partOf(part, `${at}.${index}`));
  const texts = parts.flatMap((part) => ("text" in part ? String(part.text) : []));
  return texts.length === parts.length ? texts.join("") : parts;
}

function partOf(part: unknown, at: string): object {
  if (!isObject(part)) throw new RelayError("invalid_request", `${at} must be an object.`);
  const { type, image_url: url } = part;
  if (type === "input_text" || type === "output_text" || type === "text") {
    return { type: "text", text: part["text"] };
  }
  if (type === "refusal") return { type: "text", text: part["refusal"] };
  if (type === "input_image" && typeof url === "string") return imageOf(url);
  const problem =
    type === "input_image"
      ? "is an image without image_url: files that were uploaded are not known here"
      : `has the type ${String(type)}; parts may be input_text and input_image`;
  throw new RelayError("invalid_request", `${at} ${problem}.`);
}
