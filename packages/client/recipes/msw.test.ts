import { createClient } from "@gatestream/client";
import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import { afterAll, beforeAll, expect, test } from "vitest";

/** A relay's answer as it goes over the network: PROTOCOL.md. */
const answer = `data: {"type":"start","streamId":"s-1","resumable":false,"resumableForMs":0,"heartbeatMs":15000}

data: {"type":"token","content":"Nothing.","index":0}
id: 1

data: {"type":"stop","reason":"stop"}
id: 2

`;

const server = setupServer(
  http.post("http://relay.example/api/llm/stream", async ({ request }) => {
    const { messages } = (await request.json()) as { messages: unknown[] };
    if (messages.length > 0) {
      return new HttpResponse(answer, { headers: { "Content-Type": "text/event-stream" } });
    }
    const error = { code: "invalid_request", message: "There is no message.", retryable: false };
    return HttpResponse.json({ error }, { status: 400 });
  }),
);

beforeAll(() => server.listen());
afterAll(() => server.close());

const client = createClient({ url: "http://relay.example/api/llm" });

test("an answer that Mock Service Worker plays", async () => {
  const messages = [{ role: "user", content: "What do you cost?" }];
  const { text } = await client.stream({ configurationId: "cfg-1", messages }).result();
  expect(text).toBe("Nothing.");
});

test("a refusal that Mock Service Worker plays", async () => {
  const { result } = client.stream({ configurationId: "cfg-1", messages: [] });
  await expect(result()).rejects.toMatchObject({ code: "invalid_request", status: 400 });
});
