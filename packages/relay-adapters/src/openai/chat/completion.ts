import type { SourceEvent, StreamEvent, ToolCallEvent } from "@gatestream/protocol";
import { RelayError, type WholeAnswer } from "@gatestream/relay/parts";
import { cancelled, endOf, isCancelled } from "../refusal.ts";
import { annotationOf, type CompletionOptions, finishReasonOf, usageOf } from "./format.ts";

/**
 * A whole answer (OpenAI API reference, "The chat completion object").
 *
 * @throws RelayError where the answer broke off.
 */
export function completionOf(
  answer: WholeAnswer,
  { model, startedAt }: Pick<CompletionOptions, "model" | "startedAt">,
): object {
  const stop = endOf(answer);
  if (isCancelled(stop)) {
    throw new RelayError("gateway_interrupted", cancelled.message, { retryable: false });
  }
  const { start, events } = answer;
  const { reason, usage } = stop;
  const textOf = (type: string): string =>
    events
      .map((event) => (event.type === type && "content" in event ? String(event.content) : ""))
      .join("");
  const reasoning = textOf("reasoning");
  const calls = toolCallsIn(events);
  const sources = events.filter((event) => event.type === "source");
  const others = events.filter(({ type }) => !ownPlaces.has(type));
  return {
    id: start.streamId,
    object: "chat.completion",
    created: Math.floor(startedAt / 1_000),
    model,
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: textOf("token"),
          refusal: null,
          ...(reasoning !== "" && { reasoning_content: reasoning }),
          ...(calls.length > 0 && { tool_calls: calls }),
          ...(sources.length > 0 && {
            annotations: sources.map((source) => annotationOf(source as SourceEvent)),
          }),
        },
        finish_reason: finishReasonOf(reason),
        logprobs: null,
      },
    ],
    ...(usage && { usage: usageOf(usage) }),
    ...(others.length > 0 && { gatestream: others }),
  };
}

/** What the API has a place for. */
const ownPlaces: ReadonlySet<string> = new Set([
  "token",
  "reasoning",
  "tool_call",
  "source",
  "stop",
]);

function toolCallsIn(events: readonly StreamEvent[]): readonly object[] {
  const calls = new Map<string, { name: string; text: string }>();
  for (const event of events) {
    if (event.type !== "tool_call") continue;
    const { callId, name, argumentsDelta = "", arguments: whole } = event as ToolCallEvent;
    const text = whole ?? `${calls.get(callId)?.text ?? ""}${argumentsDelta}`;
    calls.set(callId, { name, text });
  }
  return [...calls].map(([id, { name, text }]) => {
    return { id, type: "function", function: { name, arguments: text } };
  });
}
