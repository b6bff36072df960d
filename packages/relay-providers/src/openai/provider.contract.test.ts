import { testProviderContract } from "../../../relay/src/gateway/provider.contract.ts";
import { openaiAt } from "../testing/providers-under-test.ts";

const wrongKey = "not-the-demo-key";

testProviderContract({
  dialect: "openai",
  at: openaiAt,
  withWrongCredentials: (url) => openaiAt(url, { apiKey: wrongKey }),
  secrets: ["demo-key", wrongKey],
  askedWithWrongCredentials: ["chat"],
  // There is no other key to try.
  chatsWhenUnauthorized: 1,
  statedWaits: ["rate-limited-seconds", "rate-limited-date"],
  endsEarlyWith: "gateway_interrupted",
  credentialHeader: "authorization",
  wire: {
    contentType: "text/event-stream",
    token: (content) =>
      `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`,
    end: 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
  },
});
