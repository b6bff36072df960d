import { testProviderContract } from "../../../relay/src/gateway/provider.contract.ts";
import { openaiResponsesAt } from "../testing/providers-under-test.ts";

const wrongKey = "not-the-demo-key";

testProviderContract({
  dialect: "openai-responses",
  at: openaiResponsesAt,
  withWrongCredentials: (url) => openaiResponsesAt(url, { apiKey: wrongKey }),
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
      `data: ${JSON.stringify({ type: "response.output_text.delta", delta: content })}\n\n`,
    end: 'data: {"type":"response.completed","response":{"status":"completed"}}\n\n',
  },
});
