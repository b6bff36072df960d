import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { expect, test } from "vitest";
import { ask, replyTo } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import { findToken } from "./find-token.ts";
import { bareRequest } from "./testing/bare-request.ts";
import { refusalBy } from "./testing/refusal-by.ts";

const token = "aaa.bbb.ccc";
const fromOurPage = { "sec-fetch-site": "same-origin" };

function find(headers: IncomingHttpHeaders, method?: string): string {
  return findToken(bareRequest(headers, method), "session");
}

function refusalOf(headers: IncomingHttpHeaders, method?: string) {
  return refusalBy(() => find(headers, method));
}

test.each(["Bearer", "bearer", "BEARER", "Bearer   "])("the scheme %j is understood", (scheme) => {
  expect(find({ authorization: `${scheme} ${token}` })).toBe(token);
});

test.each(["", "Basic dXNlcjpwYXNz", "Bearer", "Bearer ", "Bearertoken", token])(
  "Authorization %j brings no token",
  async (authorization) => {
    expect(await refusalOf({ authorization })).toMatchObject({
      code: "unauthorized",
      status: 401,
      retryable: false,
      message: "A token is missing: send it in the header Authorization, after the word Bearer.",
      headers: { "WWW-Authenticate": 'Bearer realm="gatestream"' },
    });
  },
);

test.each([
  "abc",
  "a.b",
  "a.b.c.d",
  "a.b.c.d.e",
  "a b.c.d",
  "é.b.c",
  "a..c",
  ".b.c",
  "a.b.c=",
  '"a.b.c"',
])("%j is no token", async (value) => {
  const refusal = await refusalOf({ authorization: `Bearer ${value}` });
  expect(refusal).toMatchObject({ code: "unauthorized", status: 401 });
  expect(refusal.message).toBe("The token cannot be read: it must be a signed JWT.");
  expect(refusal.headers["WWW-Authenticate"]).toBe(
    'Bearer realm="gatestream", error="invalid_token", error_description="The token cannot be read: it must be a signed JWT."',
  );
});

test("a token of 8 KiB is looked at, a longer one is not", async () => {
  const longest = `a.b.${"c".repeat(8 * 1024 - 4)}`;
  expect(find({ authorization: `Bearer ${longest}` })).toBe(longest);
  const refusal = await refusalOf({ authorization: `Bearer ${longest}c` });
  expect(refusal.code).toBe("unauthorized");
  expect(refusal.message).toBe("The token must not be longer than 8192 bytes.");
});

test("a token in the cookie is found", () => {
  expect(find({ cookie: `theme=dark; session=${token}`, ...fromOurPage })).toBe(token);
  expect(find({ cookie: `session="${token}"`, ...fromOurPage })).toBe(token);
});

test("a cookie is only looked at when it is named", async () => {
  const request = bareRequest({ cookie: `session=${token}; =${token}`, ...fromOurPage });
  expect((await refusalBy(() => findToken(request, ""))).message).toMatch(/^A token is missing/);
  expect((await refusalBy(() => findToken(request, "other"))).message).toMatch(
    /^A token is missing/,
  );
});

test("an empty cookie is no token", async () => {
  expect((await refusalOf({ cookie: "session=", ...fromOurPage })).message).toMatch(
    /^A token is missing/,
  );
});

test("the header wins over the cookie, even when the header's token is wrong", async () => {
  const cookie = "session=x.y.z";
  expect(find({ authorization: `Bearer ${token}`, cookie })).toBe(token);
  const wrong = { authorization: "Bearer wrong", cookie, ...fromOurPage };
  expect((await refusalOf(wrong)).message).toMatch(/^The token cannot be read/);
  const empty = { authorization: "Bearer ", cookie, ...fromOurPage };
  expect((await refusalOf(empty)).message).toMatch(/^A token is missing/);
});

test("credentials of another scheme, meant for a proxy, leave the cookie in force", () => {
  const authorization = "Basic dXNlcjpwYXNz";
  expect(find({ authorization, cookie: `session=${token}`, ...fromOurPage })).toBe(token);
});

test("two cookies of that name are refused: it is unknown which one is ours", async () => {
  for (const other of ["x.y.z", token, ""]) {
    const refusal = await refusalOf({
      cookie: `session=${token}; session=${other}`,
      ...fromOurPage,
    });
    expect(refusal).toMatchObject({ code: "unauthorized", status: 401 });
    expect(refusal.message).toBe(
      "The cookie with the token came more than once: remove all but one.",
    );
  }
});

test.each<[string, IncomingHttpHeaders]>([
  ["POST", {}],
  ["DELETE", {}],
  ["PUT", {}],
  ["POST", { "sec-fetch-site": "cross-site" }],
  ["POST", { "sec-fetch-site": "same-site" }],
  ["POST", { "sec-fetch-site": "none" }],
  ["POST", { origin: "null" }],
  ["GET", { upgrade: "websocket" }],
])("%s with a cookie and %j does not say where it comes from", async (method, headers) => {
  const refusal = await refusalOf({ cookie: `session=${token}`, ...headers }, method);
  expect(refusal).toMatchObject({ code: "forbidden", status: 403, retryable: false });
  expect(refusal.message).toContain("send Sec-Fetch-Site or Origin");
});

test.each<[string, IncomingHttpHeaders]>([
  ["GET", {}],
  ["HEAD", {}],
  ["GET", { "sec-fetch-site": "cross-site" }],
  ["POST", { "sec-fetch-site": "same-origin" }],
  ["POST", { "sec-fetch-site": "same-site", origin: "https://app.example.com" }],
  ["DELETE", { origin: "https://app.example.com" }],
  ["GET", { upgrade: "websocket", origin: "https://app.example.com" }],
])("%s with a cookie and %j may go on", (method, headers) => {
  expect(find({ cookie: `session=${token}`, ...headers }, method)).toBe(token);
});

test("a token in the header need not say where it comes from", () => {
  expect(find({ authorization: `Bearer ${token}`, "sec-fetch-site": "cross-site" })).toBe(token);
});

test("what node:http makes of a request is understood", async () => {
  const found: unknown[] = [];
  await using host = await startHost((request: IncomingMessage, response) => {
    try {
      found.push(findToken(request, "session"));
    } catch (failure) {
      found.push(failure);
    }
    response.end();
  });
  const send = (headers: OutgoingHttpHeaders) => replyTo(ask(host.url, {}, { headers }));
  await send({ AUTHORIZATION: `bEaReR ${token}` });
  await send({ Cookie: ["theme=dark", `session=${token}`], Origin: "https://app.example.com" });
  await send({ Cookie: [`session=${token}`, "session=x.y.z"], Origin: "https://app.example.com" });
  await send({ Cookie: `session=${token}` });
  expect(found).toMatchObject([
    token,
    token,
    { code: "unauthorized", message: expect.stringContaining("more than once") },
    { code: "forbidden" },
  ]);
});
