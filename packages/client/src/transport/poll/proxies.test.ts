import { eventuallyTrue } from "@gatestream/testing/eventually";
import { createRelay, type Provider } from "@gatestream/relay";
import { defaultBasePath } from "@gatestream/protocol";
import { startBufferingProxy } from "@gatestream/testing/buffering-proxy";
import { startHost } from "@gatestream/testing/host";
import { mutingProxy } from "@gatestream/testing/muting-proxy";
import { isNginxInstalled, startNginx } from "@gatestream/testing/nginx";
import { expect, onTestFinished, test } from "vitest";
import { createClient } from "../../create-client.ts";
import { anyRequest } from "../../testing/client-of.ts";
import { poll } from "./index.ts";

/** A relay whose answers wait in the middle until they are let on. */
async function gatedRelay() {
  let letOn = (): void => {};
  const isLetOn = new Promise<void>((resolve) => {
    letOn = resolve;
  });
  let askedCount = 0;
  const provider: Provider = {
    name: "gated",
    async open() {
      askedCount += 1;
      return (async function* () {
        yield [{ type: "reasoning" as const, content: "Hm" }];
        yield [{ type: "token" as const, content: "Hel", index: 0 }];
        await isLetOn;
        yield [{ type: "token" as const, content: "lo", index: 1 }];
        yield [{ type: "stop" as const, reason: "stop" as const }];
      })();
    },
    async close() {},
  };
  const relay = createRelay({
    provider,
    port: 0,
    resume: "memory",
    heartbeatMs: 100,
    shutdownGraceMs: 0,
    allowedOrigins: ["*"],
  });
  onTestFinished(() => relay.close());
  return { url: (await relay.listen()).url, letOn, askedCount: () => askedCount };
}

/** nginx that buffers, whatever the relay says; over HTTP/1.0 nothing comes in chunks. */
const bufferingNginx = {
  "proxy_buffering off;": "proxy_buffering on;",
  "proxy_http_version 1.1;": "proxy_http_version 1.0;",
  "gzip off;": "proxy_ignore_headers X-Accel-Buffering;",
};

test.each([
  ["a proxy that mutes event streams", (url: string) => startHost(mutingProxy(url))],
  ["a proxy that passes complete responses alone", startBufferingProxy],
  [
    "nginx that buffers",
    isNginxInstalled ? (url: string) => startNginx(url, { replaced: bufferingNginx }) : undefined,
  ],
])("behind %s an answer streams in polls, and the gateway is asked once", async (_, startProxy) => {
  if (startProxy === undefined) return;
  const relay = await gatedRelay();
  await using proxy = await startProxy(relay.url);
  const client = createClient({
    url: proxy.url + defaultBasePath,
    resumable: true,
    fallback: poll,
    connectTimeoutMs: 400,
    idleTimeoutMs: 400,
    retry: { baseDelayMs: 1 },
  });
  const answer = client.stream(anyRequest);
  await eventuallyTrue(() => answer.text === "Hel");
  expect(answer.transport).toBe("poll");
  relay.letOn();
  const { text, parts } = await answer.result();
  expect(text).toBe("Hello");
  expect(parts).toEqual([
    { type: "reasoning", text: "Hm" },
    { type: "text", text: "Hello" },
  ]);
  expect(relay.askedCount()).toBe(1);
});

test("with no such proxy the client streams", async () => {
  const relay = await gatedRelay();
  relay.letOn();
  const url = relay.url + defaultBasePath;
  const answer = createClient({ url, fallback: poll }).stream(anyRequest);
  expect((await answer.result()).text).toBe("Hello");
  expect(answer.transport).toBe("fetch");
});
