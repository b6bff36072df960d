import { HttpAgent, type BaseEvent, type Message } from "@ag-ui/client";
import { expect, test } from "vitest";
import { ask, question, replyTo } from "@gatestream/testing/ask";
import { startRelay, type RelayUnderTestOptions } from "@gatestream/testing/relay-under-test";
import { agUi } from "../src/index.ts";

const runId = "a-run-of-the-tests-1";

async function startAgent(options: RelayUnderTestOptions = {}) {
  const under = await startRelay({ adapters: [agUi()], ...options });
  const url = `${under.url}/api/llm/ag-ui/cfg-1`;
  const cancel = (id: string) =>
    fetch(`${under.url}/api/llm/conversations/${id}/stream`, { method: "DELETE" });
  const chatCalls = () => under.emulator.calls.filter(({ kind }) => kind === "chat");

  /** Runs the agent of AG-UI's own client, which checks the order of events. */
  async function run(content: string, given: Partial<{ signal: AbortController }> = {}) {
    const initialMessages: Message[] = [{ id: "m-1", role: "user", content }];
    const agent = new HttpAgent({ url, threadId: "a-thread", initialMessages });
    const events: BaseEvent[] = [];
    const errors: Error[] = [];
    const { newMessages } = await agent
      .runAgent(
        { runId, ...(given.signal && { abortController: given.signal }) },
        {
          onEvent: ({ event }) => void events.push(event),
          onRunFailed: ({ error }) => void errors.push(error),
        },
      )
      .catch((error: Error) => {
        if (errors.length === 0) errors.push(error);
        return { newMessages: [] as Message[] };
      });
    return { events, errors, newMessages };
  }

  /** What a client sends that can resume, and what it gets. */
  function post(
    content: string,
    headers: Record<string, string> = {},
    input: object = {},
  ): Promise<Response> {
    return fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Run-Id": runId, ...headers },
      body: JSON.stringify({
        threadId: "a-thread",
        runId,
        messages: [{ id: "m-1", role: "user", content }],
        tools: [],
        context: [],
        ...input,
      }),
    });
  }

  return { ...under, agentUrl: url, run, post, cancel, chatCalls };
}

interface ReadFrame {
  readonly id: string | undefined;
  readonly event: BaseEvent & { readonly delta?: string };
}

function framesIn(text: string): readonly ReadFrame[] {
  return text
    .split("\n\n")
    .filter((block) => block.includes("data: "))
    .map((block) => {
      const data = /^data: (.*)$/m.exec(block)?.[1] ?? "";
      return { id: /^id: (.+)$/m.exec(block)?.[1], event: JSON.parse(data) };
    });
}

test("an answer is one message, and the run has its outcome and usage", async () => {
  await using under = await startAgent();
  const { events, errors, newMessages } = await under.run("Hello");
  const { text } = await replyTo(ask(under.streamUrl, question("Hello")));
  const whole = text
    .split("\n")
    .filter((line) => line.startsWith('data: {"type":"token"'))
    .map((line) => JSON.parse(line.slice(6)).content)
    .join("");
  expect(errors).toEqual([]);
  expect(newMessages).toMatchObject([{ role: "assistant", content: whole }]);
  expect(events[0]).toMatchObject({ type: "RUN_STARTED", threadId: "a-thread", runId });
  expect(events.at(-1)).toMatchObject({ type: "RUN_FINISHED", outcome: { type: "success" } });
});

test.each([
  ["reasoning", "REASONING_MESSAGE_CONTENT"],
  ["tool-call", "TOOL_CALL_END"],
  ["sources", "CUSTOM"],
])("what else an answer is made of comes as AG-UI's own events: %s", async (scenario, type) => {
  await using under = await startAgent();
  const frames = framesIn(await (await under.post(`/scenario ${scenario}`)).text());
  expect(frames.map(({ event }) => event.type)).toContain(type);
});

test.each(["cut", "error-in-middle"])("a run that broke off is an error: %s", async (scenario) => {
  await using under = await startAgent();
  const { events, errors } = await under.run(`/scenario ${scenario}`);
  expect(events.at(-1)).toMatchObject({ type: "RUN_ERROR", code: "gateway_interrupted" });
  expect(events.map(({ type }) => type)).not.toContain("RUN_FINISHED");
  expect(errors.length).toBeLessThanOrEqual(1);
});

test("a refusal is an error with its status", async () => {
  await using under = await startAgent({ allowedConfigurations: ["other"] });
  const { errors } = await under.run("Hello");
  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).toMatch(/403/);
  expect(under.chatCalls()).toEqual([]);
});

test("a run is joined from its start, or behind a frame, and behind its end there is the end", async () => {
  await using under = await startAgent();
  const first = framesIn(await (await under.post("/scenario tool-call")).text());
  expect(new Set(first.map(({ id }) => id)).size).toBe(first.length);
  const [last] = first.slice(-1);
  const behind = await under.post("", { "Last-Event-ID": last?.id ?? "" });
  // A client that asks behind the end did not see that it was the end.
  expect(framesIn(await behind.text())).toEqual([{ id: undefined, event: last?.event }]);
  const joined = await fetch(`${under.agentUrl}?offset=-1&runId=${runId}`);
  expect(framesIn(await joined.text())).toEqual(first);
  const resumed = await fetch(`${under.agentUrl}?offset=-1&runId=${runId}`, {
    headers: { "Last-Event-ID": "1" },
  });
  const at = first.findIndex(({ id }) => id === "1");
  expect(framesIn(await resumed.text())).toEqual(first.slice(at + 1));
  expect(under.chatCalls()).toHaveLength(1);
});

test("a run that was cancelled has that outcome, and is an error for clients that do not know it", async () => {
  await using under = await startAgent({ emulator: { scenario: "stall" } });
  const protocolVersion = "1.0";
  const [known, unknown] = await Promise.all([
    under.post("Hello", {}, { protocolVersion }),
    under.post("Hello", { "X-Run-Id": `${runId}-old` }),
  ]);
  await Promise.all([under.cancel(runId), under.cancel(`${runId}-old`)]);
  expect(framesIn(await known.text()).at(-1)?.event).toMatchObject({
    type: "RUN_FINISHED",
    outcome: { type: "cancelled" },
    usage: [{ outputTokens: expect.any(Number) }],
  });
  expect(framesIn(await unknown.text()).at(-1)?.event).toMatchObject({
    type: "RUN_ERROR",
    code: "cancelled",
  });
});

test("a client whose part of an answer is no longer kept gets an error, and one that has it the rest", async () => {
  await using under = await startAgent({
    maxLogBytes: 4_096,
    emulator: { tokensPerSecond: 1_000 },
  });
  const first = framesIn(await (await under.post("/scenario reasoning")).text());
  const joined = await fetch(`${under.agentUrl}?offset=-1&runId=${runId}`);
  expect(framesIn(await joined.text()).map(({ event }) => event)).toMatchObject([
    { type: "RUN_STARTED" },
    { type: "RUN_ERROR", code: "truncated" },
  ]);
  const { id = "" } = first.at(-5) ?? {};
  const resumed = await under.post("", { "Last-Event-ID": id });
  expect(framesIn(await resumed.text())).toEqual(first.slice(-4));
});

test("calls of tools are in the message whose text they follow", async () => {
  await using under = await startAgent();
  const { newMessages } = await under.run("/scenario tool-call");
  expect(newMessages).toMatchObject([
    { role: "assistant", content: "## How this", toolCalls: [{ id: "call_1" }, { id: "call_2" }] },
  ]);
});

test("a run that is not known is refused, and for a client that resumes it an error in its stream", async () => {
  await using under = await startAgent();
  const joined = await fetch(`${under.agentUrl}?offset=-1&runId=${runId}`);
  expect(joined.status).toBe(404);
  const resumed = await under.post("", { "Last-Event-ID": "3" });
  expect([resumed.status, resumed.headers.get("x-stream-id")]).toEqual([200, null]);
  const error = { type: "RUN_ERROR", code: "stream_not_found", message: expect.any(String) };
  expect(framesIn(await resumed.text())).toEqual([{ id: undefined, event: error }]);
  expect(under.chatCalls()).toEqual([]);
  const refusal = expect.objectContaining({ code: "stream_not_found" });
  const refused = under.observed.filter(({ type }) => type === "request_refused");
  expect(refused).toMatchObject([{ error: refusal }, { error: refusal }]);
});

test("a run whose id others might guess is answered, and not resumed", async () => {
  await using under = await startAgent();
  const short = { "X-Run-Id": "run-1" };
  const first = framesIn(await (await under.post("Hello", short)).text());
  expect(first.at(-1)?.event).toMatchObject({ type: "RUN_FINISHED" });
  const resumed = await under.post("", { ...short, "Last-Event-ID": "3" });
  const [frame] = framesIn(await resumed.text());
  expect(frame?.event).toMatchObject({ type: "RUN_ERROR", code: "invalid_request" });
});
