import { expect, test } from "vitest";
import { requestLength } from "./request-reader.ts";

const head = "POST /chat HTTP/1.1\r\nHost: gateway\r\n";

test("a request with a length is that long after its head", () => {
  const whole = `${head}Content-Length: 4\r\n\r\nbody`;
  expect(requestLength(`${whole}POST`)).toBe(whole.length);
});

test("a chunked request lasts to its last chunk", () => {
  const begun = `${head}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n`;
  expect(requestLength(begun)).toBeUndefined();
  expect(requestLength(`${begun}0\r\n\r\nPOST`)).toBe(begun.length + 5);
});

test("a request without a body ends with its head, and half a head says nothing", () => {
  expect(requestLength("GET / HTTP/1.1\r\n\r\n")).toBe(18);
  expect(requestLength(head)).toBeUndefined();
});
