import type { IncomingHttpHeaders } from "node:http";
import { expect, test } from "vitest";
import { createOriginCheck } from "./origins.ts";

const app = "https://app.example.com";
const refused = expect.objectContaining({ code: "forbidden", status: 403 });

function check(allowedOrigins: readonly string[], headers: IncomingHttpHeaders): unknown {
  try {
    return createOriginCheck(allowedOrigins)(headers);
  } catch (failure) {
    return failure;
  }
}

test("a program, which sends no origin, is allowed", () => {
  expect(check([], { host: "relay.example.com" })).toBeUndefined();
});

test("an origin of the list is let in with credentials", () => {
  expect(check([app], { origin: app, host: "relay.example.com" })).toEqual({
    origin: app,
    withCredentials: true,
  });
});

test("* lets every origin in, without credentials", () => {
  for (const origin of ["https://anybody.example", "null"]) {
    expect(check(["*"], { origin })).toEqual({ origin: "*", withCredentials: false });
  }
});

test.each([
  "https://app.example.com.evil.example",
  "https://evil-app.example.com",
  "http://app.example.com",
  "https://app.example.com:8443",
  "https://APP.example.com",
  "https://app.example.com/",
  "null",
  "",
  "app.example.com",
  "*",
])("%j only looks like an origin of the list", (origin) => {
  expect(check([app], { origin, host: "relay.example.com" })).toEqual(refused);
});

test("by default no other origin is let in", () => {
  expect(check([], { origin: app, host: "relay.example.com" })).toEqual(refused);
});

test.each([
  ["https://app.example.com", "app.example.com"],
  ["https://app.example.com:8443", "app.example.com:8443"],
  ["http://127.0.0.1:3000", "127.0.0.1:3000"],
  ["http://localhost:3000", "localhost:3000"],
  ["http://[::1]:3000", "[::1]:3000"],
  ["http://192.168.1.20", "192.168.1.20"],
])("a page at %s of a relay at %s is of the same origin", (origin, host) => {
  expect(check([], { origin, host })).toBeUndefined();
});

test.each([
  ["http://localhost:5173", "localhost:3000"],
  ["http://localhost.evil.example:3000", "localhost:3000"],
  ["null", "null"],
])("a page at %s of a relay at %s is not", (origin, host) => {
  expect(check([], { origin, host })).toEqual(refused);
});

test("a page whose name was made to point at the relay is not of its origin (DNS rebinding)", () => {
  expect(check([], { origin: "http://evil.example:3000", host: "evil.example:3000" })).toEqual(
    refused,
  );
});

test("behind a proxy that changes the host, the browser's own word counts", () => {
  const headers = { origin: app, host: "127.0.0.1:3000" };
  expect(check([], { ...headers, "sec-fetch-site": "same-origin" })).toBeUndefined();
  for (const site of ["same-site", "cross-site", "none"]) {
    expect(check([], { ...headers, "sec-fetch-site": site })).toEqual(refused);
  }
});

test("the refusal names the option, and no origin", () => {
  expect(check([app], { origin: "https://evil.example" })).toMatchObject({
    message:
      "Pages of this origin may not call the relay; its operator can add it to allowedOrigins.",
  });
});
