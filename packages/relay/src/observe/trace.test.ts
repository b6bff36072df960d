import { expect, test } from "vitest";
import { readTrace } from "./trace.ts";

const trace = "0af7651916cd43dd8448eb211c80319c";
const span = "b7ad6b7169203331";
const traceparent = `00-${trace}-${span}-01`;

test("a trace of version 00 is read, and kept as it came", () => {
  expect(readTrace({ traceparent, tracestate: "a=1, b=2" })).toEqual({
    headers: { traceparent, tracestate: "a=1, b=2" },
    traceId: trace,
    spanId: span,
    flags: 1,
  });
});

test.each([
  ["00", 0],
  ["03", 3],
  ["ff", 255],
])("flags may be anything: %s", (flags, read) => {
  expect(readTrace({ traceparent: `00-${trace}-${span}-${flags}` })).toMatchObject({ flags: read });
});

test.each([
  [undefined],
  [""],
  ["hello"],
  [`01-${trace}-${span}-01`],
  [`ff-${trace}-${span}-01`],
  [`00-${trace}-${span}-01-more`],
  [`00-${trace}-${span}-1`],
  [`00-${trace}-${span}`],
  [`00-${trace.toUpperCase()}-${span}-01`],
  [`00-${"0".repeat(32)}-${span}-01`],
  [`00-${trace}-${"0".repeat(16)}-01`],
  [`00-${trace.slice(1)}-${span}-01`],
  [`00-${trace}-${span}0-01`],
  [` ${traceparent}`],
  [`${traceparent}\n`],
  [`${traceparent}, ${traceparent}`],
])("what is no trace of version 00 is none: %j", (malformed) => {
  expect(readTrace({ traceparent: malformed, tracestate: "a=1" })).toBeUndefined();
});

test.each([[undefined], [""], ["x".repeat(513)], ["a=\r\nb: c"], ["a=é"]])(
  "a state that cannot be passed on is left out, the trace is not: %j",
  (tracestate) => {
    expect(readTrace({ traceparent, tracestate })?.headers).toEqual({ traceparent });
  },
);

test("a state of 512 characters is passed on", () => {
  const tracestate = "x".repeat(512);
  expect(readTrace({ traceparent, tracestate })?.headers).toEqual({ traceparent, tracestate });
});
