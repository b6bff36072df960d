import { CopilotKitCore, type FrontendTool } from "@copilotkit/core";
import { HttpAgent } from "ag-ui-client-v0";
import { expect, test } from "vitest";
import { eventually } from "@gatestream/testing/eventually";
import { startRelay, type RelayUnderTestOptions } from "@gatestream/testing/relay-under-test";
import { agUi } from "../src/index.ts";

/** What CopilotKit's components are built on, with an agent that asks the relay without a runtime in between. */
async function startCopilot(options: RelayUnderTestOptions = {}, tools: FrontendTool[] = []) {
  const under = await startRelay({ adapters: [agUi()], ...options });
  const agent = new HttpAgent({ url: `${under.url}/api/llm/ag-ui/cfg-1` });
  const core = new CopilotKitCore({ agents__unsafe_dev_only: { default: agent }, tools });
  const errors: { readonly code: string; readonly message: string }[] = [];
  core.subscribe({
    onError: ({ code, error: { message } }) => void errors.push({ code, message }),
  });

  async function ask(content: string) {
    agent.addMessage({ id: crypto.randomUUID(), role: "user", content });
    // It reports failures to its subscribers, and to the caller where there was no answer at all.
    await core.runAgent({ agent }).catch(() => {});
    return agent.messages;
  }

  return { ...under, core, agent, errors, ask };
}

test("answers become the agent's messages, and a conversation is sent with its history", async () => {
  await using copilot = await startCopilot();
  let messages = await copilot.ask("/scenario many-tokens 3");
  expect(messages.at(-1)).toMatchObject({ role: "assistant", content: "0 1 2 " });
  messages = await copilot.ask("/scenario reasoning");
  expect(messages.map(({ role }) => role)).toEqual([
    "user",
    "assistant",
    "user",
    "reasoning",
    "assistant",
  ]);
  // Reasoning is not sent again.
  messages = await copilot.ask("/scenario many-tokens 2");
  expect(messages.at(-1)).toMatchObject({ role: "assistant", content: "0 1 " });
  expect(copilot.errors).toEqual([]);
});

test("CopilotKit runs a page's tools, sends their results, and the answer follows", async () => {
  const asked: unknown[] = [];
  const toolOf = (name: string): FrontendTool => ({
    name,
    description: "Finds it.",
    handler: async (args) => {
      asked.push([name, args]);
      return "found";
    },
  });
  const tools = [toolOf("find_order"), toolOf("find_customer")];
  await using copilot = await startCopilot({ allowedOptions: ["tools"] }, tools);
  const messages = await copilot.ask("/scenario tool-call");
  expect(asked).toEqual([
    ["find_order", { id: 4711 }],
    ["find_customer", { name: "Ada" }],
  ]);
  // As upstreams want it: both calls in one message, their results behind it.
  expect(messages.map(({ role }) => role)).toEqual([
    "user",
    "assistant",
    "tool",
    "tool",
    "assistant",
  ]);
  expect(messages.at(-1)?.content).toContain("How this works");
  expect(copilot.errors).toEqual([]);
});

test.each(["cut", "error-in-middle"])("a run that broke off is an error: %s", async (scenario) => {
  await using copilot = await startCopilot();
  await copilot.ask(`/scenario ${scenario}`);
  const message = expect.stringMatching(/gateway/);
  expect(copilot.errors).toEqual([{ code: "agent_run_error_event", message }]);
});

test("a refusal is an error with its status and code", async () => {
  await using copilot = await startCopilot({ allowedConfigurations: ["other"] });
  await copilot.ask("Hello");
  expect(copilot.errors[0]?.message).toMatch(/^HTTP 403: .*forbidden/);
});

test("stopping the agent aborts the gateway's request", async () => {
  await using copilot = await startCopilot({ emulator: { scenario: "stall" } });
  const running = copilot.ask("Hello");
  await eventually(async () => expect(copilot.agent.messages).toHaveLength(2));
  copilot.core.stopAgent({ agent: copilot.agent });
  await running;
  expect(await copilot.untilObserved("stream_ended")).toMatchObject({ readerLeft: true });
  expect(copilot.errors).toEqual([]);
});
