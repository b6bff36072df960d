import { generateKeyPairSync } from "node:crypto";
import type { RequestListener } from "node:http";
import { expect, test } from "vitest";
import { startHttpServer, closedPort } from "../../../relay/src/gateway/testing/servers.ts";
import { checkKeySet } from "./key-set.ts";

const check = (jwtJwksUrl: string, jwtAlgorithms: readonly string[] = []) =>
  checkKeySet({ jwtJwksUrl, jwtAlgorithms }, new AbortController().signal);

const elliptic = (namedCurve: string) =>
  generateKeyPairSync("ec", { namedCurve }).publicKey.export({ format: "jwk" });
const p256 = elliptic("P-256");
const p384 = elliptic("P-384");
const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({
  format: "jwk",
});

function keys(...set: readonly unknown[]): RequestListener {
  return (_, response) => void response.end(JSON.stringify({ keys: set }));
}

test("keys that can check tokens are counted, others are not", async () => {
  const unusable = [
    { ...p256, use: "enc" },
    { ...p256, alg: "RS256" },
    p384,
    short,
    { kty: "EC", crv: "P-256", x: "", y: "" },
    { kty: "post-quantum" },
    null,
  ];
  await using server = await startHttpServer(
    keys(p256, { ...p256, use: "sig", alg: "ES256" }, ...unusable),
  );
  expect(await check(`${server.url}/keys?tenant=secret`)).toEqual({
    what: `key set ${server.url}/keys`,
    outcome: "ok",
    message: "2 of 9 keys serve",
  });
});

test("the algorithms that are pinned decide which keys serve", async () => {
  await using server = await startHttpServer(keys(p256, p384));
  expect(await check(server.url, ["ES384"])).toMatchObject({ message: "1 of 2 keys serve" });
  expect(await check(server.url, ["RS256", "PS256"])).toMatchObject({
    outcome: "failed",
    message: expect.stringMatching(
      /none of its 2 keys is for RS256, PS256\. GATESTREAM_JWT_JWKS_URL/,
    ),
  });
});

test.each<readonly [string, RequestListener, RegExp]>([
  ["nothing", (_, response) => void response.writeHead(404).end(), /there is none \(status 404\)/],
  ["an empty set", keys(), /none of its 0 keys/],
  ["something else", (_, response) => void response.end('{"issuer":"me"}'), /no key set/],
  ["a page", (_, response) => void response.end("<!doctype html>"), /a page for people/],
])("%s in the place of keys is reported", async (_, answer, reported) => {
  await using server = await startHttpServer(answer);
  expect(await check(server.url)).toMatchObject({
    outcome: "failed",
    message: expect.stringMatching(reported),
  });
});

test("an unreachable server is reported", async () => {
  expect(await check(`http://127.0.0.1:${await closedPort()}`)).toMatchObject({
    outcome: "failed",
    message: expect.stringMatching(/ECONNREFUSED.+GATESTREAM_JWT_JWKS_URL says where it is/),
  });
});
