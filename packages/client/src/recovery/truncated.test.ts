import { expect, test } from "vitest";
import { handMadeStream, streamOf } from "../testing/client-of.ts";
import { sseText, start, token } from "../testing/sse-text.ts";

test("a clean end without a terminal event is truncated, not done", async () => {
  const stream = streamOf({ body: sseText(start, token("Hel")) });
  await expect(stream.result()).rejects.toMatchObject({
    code: "truncated",
    retryable: true,
    text: "Hel",
  });
  expect(stream.status).toBe("error");
});

test("an empty answer is truncated", async () => {
  await expect(streamOf({}).result()).rejects.toMatchObject({ code: "truncated", text: "" });
});

test("a terminal event that is cut off is truncated", async () => {
  const stream = streamOf({ body: sseText(start, token("Hel")) + 'data: {"type":"stop"' });
  await expect(stream.result()).rejects.toMatchObject({ code: "truncated", text: "Hel" });
});

test("a connection that breaks in the middle is truncated, whatever the engine calls it", async () => {
  const stream = streamOf({ body: sseText(start, token("Hel")), ending: "cut" });
  await expect(stream.result()).rejects.toMatchObject({ code: "truncated" });

  for (const message of ["network error", "Error in input stream", "Load failed"]) {
    const broken = handMadeStream();
    broken.answer.send(start, token("Hel"));
    // What has not been read when a stream breaks is lost with it.
    const events = broken.stream[Symbol.asyncIterator]();
    await events.next();
    await events.next();
    const cause = new TypeError(message);
    broken.answer.break(cause);
    await expect(broken.stream.result()).rejects.toMatchObject({
      code: "truncated",
      text: "Hel",
      cause,
    });
  }
});

test("a stream that broke off is not asked for again", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(start, token("Hel"));
  answer.end();
  await expect(stream.result()).rejects.toMatchObject({ code: "truncated" });
  expect(answer.fetch).toHaveBeenCalledOnce();
});
