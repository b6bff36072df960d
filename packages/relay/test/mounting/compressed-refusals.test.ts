import { gunzipSync } from "node:zlib";
import { buffer } from "node:stream/consumers";
import compression from "compression";
import express from "express";
import { expect, test } from "vitest";
import { ask, responseTo } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import { startRelay } from "@gatestream/testing/relay-under-test";

test("in Express behind compression(), a refusal arrives compressed, and is the relay's", async () => {
  await using under = await startRelay();
  await using host = await startHost(
    express().use(compression({ threshold: 0 }), under.relay.handler),
  );
  const headers = { "Accept-Encoding": "gzip" };
  const response = await responseTo(ask(`${host.url}/api/llm/stream`, {}, { headers }));
  expect(response.headers["content-encoding"]).toBe("gzip");
  expect(JSON.parse(String(gunzipSync(await buffer(response))))).toMatchObject({
    error: { code: "invalid_request" },
  });
});
