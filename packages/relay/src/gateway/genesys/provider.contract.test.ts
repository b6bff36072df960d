import { testProviderContract } from "../provider.contract.ts";
import { genesysAt } from "../testing/provider-under-test.ts";

const wrongSecret = "not-the-demo-secret";

testProviderContract({
  dialect: "genesys",
  at: genesysAt,
  withWrongCredentials: (url) => genesysAt(url, { clientSecret: wrongSecret }),
  secrets: ["demo-secret", wrongSecret].flatMap((secret) => [
    secret,
    Buffer.from(`demo-client:${secret}`).toString("base64"),
  ]),
  askedWithWrongCredentials: ["token"],
  // The token may have been revoked: a new one is tried once.
  chatsWhenUnauthorized: 2,
  statedWaits: [
    "rate-limited-seconds",
    "rate-limited-date",
    "rate-limited-reset",
    "rate-limited-message",
  ],
  endsEarlyWith: "eof",
  credentialHeader: "authorization",
  wire: {
    contentType: "application/x-ndjson",
    token: (content) => `${JSON.stringify({ type: "token", content })}\n`,
    end: '{"type":"stop"}\n',
  },
});
