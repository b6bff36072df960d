// @vitest-environment jsdom
import { createClient, StreamError } from "@gatestream/client";
import { createTestTransport } from "@gatestream/client/testing";
import { expect, test } from "vitest";

/** What is tested: it shows an answer, or why there is none. */
async function showAnswer(client: ReturnType<typeof createClient>, output: HTMLElement) {
  const answer = client.stream({
    configurationId: "cfg-1",
    messages: [{ role: "user", content: "What do you cost?" }],
  });
  answer.subscribe(() => {
    output.textContent = answer.text;
  });
  await answer.result().catch(({ code }: StreamError) => {
    output.textContent = `${answer.text} [${code}]`;
  });
}

test("an answer is shown", async () => {
  const output = document.createElement("output");
  const transport = createTestTransport(["Nothing", "."]);
  await showAnswer(createClient({ transport }), output);
  expect(output.textContent).toBe("Nothing.");
  expect(transport.requests[0]?.messages[0]?.content).toBe("What do you cost?");
});

test("an answer that is refused in the middle keeps its text", async () => {
  const output = document.createElement("output");
  const transport = createTestTransport(function* () {
    yield "Noth";
    throw new StreamError("gateway_interrupted", "The gateway has left.", { retryable: false });
  });
  await showAnswer(createClient({ transport }), output);
  expect(output.textContent).toBe("Noth [gateway_interrupted]");
});
