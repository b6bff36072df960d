import { EventSchemas } from "@ag-ui/core/schemas";
import { isObject } from "@gatestream/relay/parts";
import { readCursor } from "../../src/ag-ui/cursor.ts";
import { createAgUiFormat } from "../../src/ag-ui/format.ts";
import { agUi } from "../../src/index.ts";
import { describeAdapter, idOf } from "../describe-adapter.ts";
import { runWith } from "../run-http-agent.ts";

const run = { threadId: "a-thread", runId: "a-run-of-the-tests-1" };

const ask = (content: string) => ({
  path: "/ag-ui/cfg-1",
  body: { ...run, messages: [{ id: "m-1", role: "user", content }], tools: [], context: [] },
});
const named = { "X-Run-Id": run.runId };

const typeOf = (value: unknown): unknown => (isObject(value) ? value["type"] : undefined);

describeAdapter({
  name: "AG-UI",
  adapter: agUi(),
  isFollowed: true,
  ask,
  createFormat: () => createAgUiFormat(run),
  isKnown: (value) => EventSchemas.safeParse(value).success,
  textIn: (value) =>
    isObject(value) && value["type"] === "TEXT_MESSAGE_CONTENT" ? String(value["delta"]) : "",
  endIn: (value) =>
    typeOf(value) === "RUN_FINISHED"
      ? "whole"
      : typeOf(value) === "RUN_ERROR"
        ? "failed"
        : undefined,
  readWithClient: (fetchResponse) => runWith({ url: "http://relay", fetch: fetchResponse }),
  isRefusal: (body) => isObject(body) && typeof body["message"] === "string",
  resume: {
    ask: (content) => ({ ...ask(content), headers: named }),
    hasCursor: ({ id }) => id !== undefined,
    askAfter: (received) => ({
      ...ask(""),
      headers: { ...named, "Last-Event-ID": idOf(received) },
    }),
    createFormatAfter: (received) =>
      createAgUiFormat({ ...run, after: readCursor(idOf(received)) }),
  },
});
