import { expect, onTestFinished, test, vi } from "vitest";
import { handMadeStream } from "../testing/client-of.ts";
import { numberedText, start, stop, token } from "../testing/sse-text.ts";

/** The client's own functions that run for a token, the innermost first. */
function runningFunctions(): readonly string[] {
  const calls = new Error("Only for its stack.").stack?.split("\n") ?? [];
  const own = calls.filter((call) => call.includes("/client/src/") && !call.includes(".test."));
  // What is below it waits for the end of the connection.
  const outermost = own.findIndex((call) => call.includes("readEvents"));
  return outermost === -1 ? own : own.slice(0, outermost + 1);
}

test("from the socket to what is rendered, a token passes ten functions at most", async () => {
  const limit = Error.stackTraceLimit;
  onTestFinished(() => void (Error.stackTraceLimit = limit));
  Error.stackTraceLimit = 100;
  let received: readonly string[] = [];
  let rendered: readonly string[] = [];
  const { answer, stream } = handMadeStream({
    onToken: () => {
      received = runningFunctions();
    },
  });
  const isRendered = new Promise<void>((resolve) => {
    stream.subscribe(() => {
      if (stream.getSnapshot().text === "") return;
      rendered = runningFunctions();
      resolve();
    });
  });
  const bytes = 'data: {"type":"token","content":"Hello","index":0}\nid: 1\n\n';
  answer.send(start);
  answer.write(new TextEncoder().encode(bytes));
  await isRendered;
  expect(received.at(-1)).toContain("readEvents");
  expect(rendered.at(-1)).toContain("stream-store");
  expect(
    received.length + rendered.length,
    [...received, ...rendered].join("\n"),
  ).toBeLessThanOrEqual(10);
  answer.send(stop);
  await stream.result();
});

test("a token makes no part: that is done when the parts are read", async () => {
  const changes = vi.spyOn(Array.prototype, "with");
  onTestFinished(() => changes.mockRestore());
  const { answer, stream } = handMadeStream({ onToken: () => {} });
  const tokens = Array.from({ length: 1000 }, () => token("a"));
  answer.write(new TextEncoder().encode(numberedText(1, start, ...tokens, stop)));
  const { parts } = await stream.result();
  expect(parts).toEqual([{ type: "text", text: "a".repeat(1000) }]);
  expect(changes.mock.calls.length).toBe(1);
});
