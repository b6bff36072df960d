import { expect, test } from "vitest";
import { eventsOf, handMadeStream } from "../testing/client-of.ts";
import { start, stop, token } from "../testing/sse-text.ts";

const sent = [start, token("Hel"), token("lo"), stop];
const failed = { type: "error", code: "internal_error", message: "No.", retryable: true };

test("several iterators see every event", async () => {
  const { answer, stream } = handMadeStream();
  const early = [eventsOf(stream), eventsOf(stream)];
  answer.send(...sent);
  expect(await Promise.all(early)).toEqual([sent, sent]);
});

test("an iterator that begins after the end sees everything, and tokens in a row as one", async () => {
  const { answer, stream } = handMadeStream();
  const citation = { type: "citation", content: "1", index: 2 };
  answer.send(start, token("Hel", 0), token("lo", 1), citation, token(" wor", 3), token("ld", 4));
  answer.send(stop);
  await stream.result();
  const late = [start, token("Hello", 0), citation, token(" world", 3), stop];
  expect(await eventsOf(stream)).toEqual(late);
  expect(await eventsOf(stream)).toEqual(late);
});

test("an iterator that is reading at the end gets the rest as it came", async () => {
  const { answer, stream } = handMadeStream();
  const iterator = stream[Symbol.asyncIterator]();
  answer.send(...sent);
  await stream.result();
  for (const event of sent) expect(await iterator.next()).toEqual({ done: false, value: event });
  expect(await iterator.next()).toEqual({ done: true, value: undefined });
});

test("an iterator that begins in the middle sees what was before", async () => {
  const { answer, stream } = handMadeStream();
  const early = stream[Symbol.asyncIterator]();
  answer.send(start, token("Hel"));
  await early.next();
  await early.next();
  const late = eventsOf(stream);
  answer.send(token("lo"), stop);
  expect(await late).toEqual(sent);
});

test("tokens in a row that came before the first iterator come as one, the others as they come", async () => {
  const { answer, stream } = handMadeStream();
  const seen = new Promise<void>((resolve) => {
    const unsubscribe = stream.subscribe(() => {
      if (stream.text !== "Hello") return;
      unsubscribe();
      resolve();
    });
  });
  answer.send(start, token("Hel", 0), token("lo", 1));
  await seen;
  const reading = eventsOf(stream);
  answer.send(token(" wor", 2), token("ld", 3), stop);
  expect(await reading).toEqual([start, token("Hello", 0), token(" wor", 2), token("ld", 3), stop]);
  expect(await eventsOf(stream)).toEqual([start, token("Hello world", 0), stop]);
});

test("an error raised while the loop's body is busy comes after the buffered events, once", async () => {
  const { answer, stream } = handMadeStream();
  const seen: object[] = [];
  const read = async () => {
    for await (const event of stream) {
      seen.push(event);
      // Busy until the stream has failed.
      await stream.result().catch(() => {});
    }
  };
  answer.send(start, token("Hel"), token("lo"), failed);
  await expect(read()).rejects.toMatchObject({ code: "internal_error", text: "Hello" });
  expect(seen).toEqual([start, token("Hel"), token("lo"), failed]);
});

test("after the error an iterator is over, and another one gets everything again", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(start, failed);
  const iterator = stream[Symbol.asyncIterator]();
  expect(await iterator.next()).toEqual({ done: false, value: start });
  expect(await iterator.next()).toEqual({ done: false, value: failed });
  await expect(iterator.next()).rejects.toMatchObject({ code: "internal_error" });
  expect(await iterator.next()).toEqual({ done: true, value: undefined });
  await expect(eventsOf(stream)).rejects.toMatchObject({ code: "internal_error" });
});

test("a stream that was cut off yields what came, then throws", async () => {
  const { answer, stream } = handMadeStream();
  const seen: string[] = [];
  answer.send(start, token("Hel"));
  answer.end();
  const read = async () => {
    for await (const event of stream) seen.push(event.type);
  };
  await expect(read()).rejects.toMatchObject({ code: "truncated", text: "Hel" });
  expect(seen).toEqual(["start", "token"]);
});

test("leaving one loop ends the stream for the other readers", async () => {
  const { answer, stream } = handMadeStream();
  const other = eventsOf(stream);
  answer.send(start, token("Hel"));
  for await (const event of stream) {
    if (event.type === "token") break;
  }
  await answer.givenUp;
  expect(await other).toEqual([start, token("Hel"), { type: "stop", reason: "disconnected" }]);
});

test("leaving the loop at the last event is no cancelling", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(...sent);
  for await (const event of stream) {
    if (event.type === "stop") break;
  }
  expect(stream.status).toBe("done");
  expect(await stream.result()).toMatchObject({ text: "Hello", reason: "stop" });
});

test("a late reader that leaves early changes nothing", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(...sent);
  await stream.result();
  for await (const _ of stream) break;
  expect(stream.status).toBe("done");
});

test("leaving while the next event is waited for disconnects at once", async () => {
  const { answer, stream } = handMadeStream();
  const iterator = stream[Symbol.asyncIterator]();
  answer.send(start);
  await iterator.next();
  const next = iterator.next();
  expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
  expect(stream.status).toBe("cancelled");
  expect(await next).toEqual({ done: true, value: undefined });
  await answer.givenUp;
});

test("leaving before the first event disconnects", async () => {
  const { stream } = handMadeStream();
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.return?.();
  expect(await iterator.next()).toEqual({ done: true, value: undefined });
  expect((await stream.result()).reason).toBe("disconnected");
});

test("events that are asked for at once come in order, and a failure once", async () => {
  const { answer, stream } = handMadeStream();
  const iterator = stream[Symbol.asyncIterator]();
  const asked = Promise.allSettled([1, 2, 3, 4].map(() => iterator.next()));
  answer.send(start, failed);
  expect(await asked).toMatchObject([
    { value: { done: false, value: start } },
    { value: { done: false, value: failed } },
    { reason: { code: "internal_error" } },
    { value: { done: true, value: undefined } },
  ]);
});
