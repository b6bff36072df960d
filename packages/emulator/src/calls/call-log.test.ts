import { expect, test } from "vitest";

import { createCallLog } from "./call-log.ts";

const token = { kind: "token", dialect: "genesys" } as const;
const chat = { kind: "chat", dialect: "openai" } as const;

function logOfTest() {
  let time = 0;
  return createCallLog(() => (time += 1));
}

test("a wait for something that has happened resolves to the first call that matches", async () => {
  const log = logOfTest();
  log.open(token, {});
  const { call } = log.open(chat, {});
  log.open(chat, {});
  expect(await log.waitFor(({ kind }) => kind === "chat")).toBe(call);
});

test("a wait resolves when a call arrives, changes, sends text or ends", async () => {
  const log = logOfTest();
  const arrived = log.waitFor(() => true);
  const record = log.open(chat, { host: "here" });
  const refused = log.waitFor(({ status }) => status === 429);
  const sent = log.waitFor(({ sentText }) => sentText === "One two");
  const ended = log.waitFor(({ state }) => state === "aborted");
  record.update({ status: 429 });
  record.addSentText("One");
  record.addSentText(" two");
  record.end("aborted");
  expect(await Promise.all([arrived, refused, sent, ended])).toEqual(Array(4).fill(record.call));
  expect(record.call).toMatchObject({
    ...chat,
    id: 1,
    headers: { host: "here" },
    startedAt: 1,
    endedAt: 2,
  });
});

test("a wait rejects with the signal's reason, before or while it waits", async () => {
  const log = logOfTest();
  const reason = new Error("enough");
  const controller = new AbortController();
  const waiting = log.waitFor(() => false, { signal: controller.signal });
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(log.waitFor(() => true, { signal: controller.signal })).rejects.toBe(reason);
});

test("a predicate that throws fails its own wait and no other", async () => {
  const log = logOfTest();
  const failing = log.waitFor(() => {
    throw new Error("wrong");
  });
  const waiting = log.waitFor(() => true);
  const { call } = log.open(chat, {});
  await expect(failing).rejects.toThrow("wrong");
  expect(await waiting).toBe(call);
});

test("closing fails the waits that are left", async () => {
  const log = logOfTest();
  const waiting = log.waitFor(() => true);
  log.close();
  await expect(waiting).rejects.toThrow("closed before a call matched");
});

test("a call from before a reset resolves no waiter, and numbering restarts", async () => {
  const log = logOfTest();
  const old = log.open(chat, {});
  log.forget();
  const waiting = log.waitFor(({ state }) => state === "answered");
  old.end("answered");
  const next = log.open(chat, {});
  next.end("answered");
  expect(await waiting).toBe(next.call);
  expect(next.call.id).toBe(1);
  expect(log.calls).toEqual([next.call]);
});
