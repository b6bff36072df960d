import { expect, onTestFinished, test } from "vitest";

import { createEmulator } from "../emulator.ts";

const headers = { Authorization: "Bearer demo-key", "Content-Type": "application/json" };

async function startEmulator(tokensPerSecond: number) {
  const emulator = createEmulator({ tokensPerSecond, apiKey: "demo-key" });
  onTestFinished(() => emulator.close());
  const { url } = await emulator.listen();
  const responses = `${url}/v1/responses`;
  return {
    ...emulator,
    responses,
    ask: (fields: object, signal?: AbortSignal) =>
      fetch(responses, {
        method: "POST",
        headers,
        ...(signal && { signal }),
        body: JSON.stringify({
          model: "cfg-1",
          input: "Hello",
          stream: true,
          ...fields,
        }),
      }),
    again: (id: string, after?: number) =>
      fetch(
        `${responses}/${id}?stream=true${after === undefined ? "" : `&starting_after=${after}`}`,
        { headers },
      ),
  };
}

function eventsIn(text: string): readonly { type: string; sequence_number: number }[] {
  return [...text.matchAll(/^data: (.+)$/gm)].map(([, data = ""]) => JSON.parse(data));
}

/** Aborts the request once the answer has begun; the answer's id. */
async function leave(response: Response, leaving: AbortController): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("output_text.delta")) text += (await reader?.read())?.value ?? "";
  leaving.abort();
  return /"id":"(resp_[^"]+)"/.exec(text)?.[1] ?? "";
}

test("an answer in the background continues after its request is aborted, and can be read again after any event", async () => {
  const { ask, again, waitFor } = await startEmulator(100);
  const leaving = new AbortController();
  const id = await leave(await ask({ background: true, store: true }, leaving.signal), leaving);
  await waitFor(({ state }) => state === "aborted");
  const whole = eventsIn(await (await again(id)).text());
  expect(whole.map(({ sequence_number: number }) => number)).toEqual(whole.map((_, at) => at));
  expect(whole.at(-1)?.type).toBe("response.completed");
  for (const after of [0, 7, whole.length - 1]) {
    expect(eventsIn(await (await again(id, after)).text())).toEqual(whole.slice(after + 1));
  }
});

test("it can be cancelled, and then ends where it is", async () => {
  const { ask, again, responses, calls } = await startEmulator(20);
  const leaving = new AbortController();
  const id = await leave(await ask({ background: true, store: true }, leaving.signal), leaving);
  const following = again(id).then((response) => response.text());
  const cancelled = await fetch(`${responses}/${id}/cancel`, { method: "POST", headers });
  expect([cancelled.status, await cancelled.json()]).toEqual([
    200,
    { id, object: "response", status: "cancelled" },
  ]);
  expect(await following).not.toContain("response.completed");
  expect(calls.map(({ kind }) => kind)).toEqual(["chat", "again", "cancel"]);
});

test("an answer that is not in the background ends with its request, and cannot be read again", async () => {
  const { ask, again, waitFor, responses } = await startEmulator(100);
  const leaving = new AbortController();
  const id = await leave(await ask({ store: true }, leaving.signal), leaving);
  await waitFor(({ state }) => state === "aborted");
  expect((await again(id)).status).toBe(404);
  expect((await fetch(`${responses}/${id}/cancel`, { method: "POST", headers })).status).toBe(404);
  expect((await fetch(`${responses}/${id}`, { headers })).status).toBe(404);
  expect((await fetch(`${responses}/${id}`)).status).toBe(401);
  expect((await ask({ background: true, store: false })).status).toBe(400);
});
