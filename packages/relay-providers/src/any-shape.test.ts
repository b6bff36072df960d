import { isTerminal, type WrittenEvent } from "@gatestream/protocol";
import { isRelayError, type Translator } from "@gatestream/relay/parts";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createAnthropicTranslator } from "./anthropic/translator.ts";
import { createResponsesTranslator } from "./openai-responses/translator.ts";
import { createOpenaiTranslator } from "./openai/translator.ts";

const types = [
  "message_start message_delta message_stop content_block_start content_block_delta",
  "content_block_stop ping error response.output_text.delta response.reasoning_text.delta",
  "response.reasoning_summary_part.added response.output_item.added response.output_item.done",
  "response.function_call_arguments.delta response.output_text.annotation.added",
  "response.content_part.added response.completed response.incomplete response.failed",
  "function_call image_generation_call tool_use text thinking url_citation",
].flatMap((line) => line.split(" "));

const names = [
  "choices delta message content refusal reasoning tool_calls function function_call arguments name",
  "id index annotations url_citation images image_url url citations search_results finish_reason",
  "usage x_groq error object content_block input partial_json citation stop_reason item call_id",
  "output_index response annotation start_index end_index file_id result incomplete_details reason",
].flatMap((line) => line.split(" "));

/** Objects of the APIs' own names, in which anything may stand anywhere. */
const { shape } = fc.letrec<{ shape: unknown; value: unknown }>((tie) => ({
  shape: fc
    .tuple(
      fc.option(fc.constantFrom(...types), { nil: undefined }),
      fc.dictionary(fc.constantFrom(...names), tie("value"), { maxKeys: 5 }),
    )
    .map(([type, fields]) => (type === undefined ? fields : Object.assign(fields, { type }))),
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, "", "x", 0, 1, -1, 1.5, true, "tool_use"),
    fc.jsonValue({ maxDepth: 1 }),
    tie("shape"),
    fc.array(tie("shape"), { maxLength: 3 }),
  ),
}));

const translators: readonly (readonly [string, () => Translator])[] = [
  ["openai", createOpenaiTranslator],
  ["openai-responses", createResponsesTranslator],
  ["anthropic", createAnthropicTranslator],
];

test.each(translators)(
  "whatever shape its events have, an answer is events of the protocol or a RelayError: %s",
  (_, createTranslator) => {
    fc.assert(
      fc.property(fc.array(shape, { maxLength: 12 }), (events) => {
        const translator = createTranslator();
        const batch: WrittenEvent[] = [];
        try {
          const isOver = events.some((event) => translator.translate(JSON.stringify(event), batch));
          if (!isOver) batch.push(translator.end());
          expect(batch.findIndex(isTerminal)).toBe(batch.length - 1);
        } catch (failure) {
          if (!isRelayError(failure)) throw failure;
          expect(batch.some(isTerminal)).toBe(false);
        }
        for (const event of batch) {
          if (typeof event === "string") continue;
          expect([
            "token",
            "reasoning",
            "tool_call",
            "source",
            "file",
            "warning",
            "stop",
          ]).toContain(event.type);
          const { content, callId, name, sourceId, data } = event as unknown as Record<
            string,
            unknown
          >;
          for (const text of [content, callId, name, sourceId, data]) {
            expect(["undefined", "string"]).toContain(typeof text);
          }
        }
      }),
      { numRuns: 1_500 },
    );
  },
);
