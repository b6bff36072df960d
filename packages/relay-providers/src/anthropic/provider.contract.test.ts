import { testProviderContract } from "../../../relay/src/gateway/provider.contract.ts";
import { anthropicAt } from "../testing/providers-under-test.ts";

const wrongKey = "not-the-demo-key";

testProviderContract({
  dialect: "anthropic",
  at: anthropicAt,
  withWrongCredentials: (url) => anthropicAt(url, { apiKey: wrongKey }),
  secrets: ["demo-key", wrongKey],
  askedWithWrongCredentials: ["chat"],
  // There is no other key to try.
  chatsWhenUnauthorized: 1,
  statedWaits: ["rate-limited-seconds", "rate-limited-date"],
  endsEarlyWith: "gateway_interrupted",
  credentialHeader: "x-api-key",
  wire: {
    contentType: "text/event-stream",
    token: (content) =>
      `data: ${JSON.stringify({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: content } })}\n\n`,
    end: 'data: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}\n\ndata: {"type":"message_stop"}\n\n',
  },
});
