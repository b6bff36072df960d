import { expect, test } from "vitest";
import { textOf } from "../../../relay/src/gateway/contract/provider-kind.ts";
import { openaiAt } from "../testing/openai-under-test.ts";
import { startHttpServer } from "../../../relay/src/gateway/testing/servers.ts";

/** Asks a server that answers 200 with these bytes. */
async function answerOf(body: string, contentType = "text/event-stream") {
  await using server = await startHttpServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": contentType });
    response.end(body);
  });
  return await openaiAt(server.url).ask();
}

function events(...payloads: readonly unknown[]): string {
  return payloads
    .map((payload) => (typeof payload === "string" ? payload : JSON.stringify(payload)))
    .map((data) => `data: ${data}\n\n`)
    .join("");
}

function chunk(choice: object, more: object = {}) {
  return {
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1_763_000_000,
    model: "m",
    choices: [{ index: 0, delta: {}, finish_reason: null, ...choice }],
    ...more,
  };
}

const hello = chunk({ delta: { role: "assistant", content: "Hello" } });
const done = "[DONE]";

const failures: readonly (readonly [string, string, string | undefined])[] = [
  [
    "llama.cpp's error field",
    `${events(hello)}error: {"code":500,"message":"Context size has been exceeded.","type":"server_error"}\n\n${events(done)}`,
    "server_error",
  ],
  [
    "OpenRouter's error beside a choice that ends with error",
    events(
      hello,
      chunk(
        { delta: { content: "" }, finish_reason: "error", native_finish_reason: "error" },
        { error: { code: "server_error", message: "Provider disconnected" } },
      ),
      done,
    ),
    "server_error",
  ],
  [
    "an error inside the choice",
    events(hello, chunk({ error: { code: 502, message: "Upstream error" } }), done),
    "502",
  ],
  ["vLLM's abort", events(hello, chunk({ finish_reason: "abort" }), done), "abort"],
  [
    "a reason that is error alone",
    events(hello, chunk({ finish_reason: "error" }), done),
    undefined,
  ],
  [
    "Groq's x_groq.error",
    events(hello, chunk({}, { x_groq: { id: "req_01", error: "over_capacity" } }), done),
    "over_capacity",
  ],
  [
    "an event named error",
    `${events(hello)}event: error\ndata: {"message":"Overloaded","type":"overloaded_error"}\n\n${events(done)}`,
    "overloaded_error",
  ],
  [
    "vLLM's error in the middle",
    events(hello, { error: { message: "No.", type: "InternalServerError", code: 500 } }, done),
    "InternalServerError",
  ],
];

test.each(failures)("a failure is never reported as success: %s", async (_, body, code) => {
  const { events: received, failure } = await answerOf(body);
  expect(textOf(received)).toBe("Hello");
  expect(received.map(({ type }) => type)).toEqual(["token"]);
  expect(failure).toMatchObject({ code: "gateway_interrupted", cause: { code } });
});

test("Ollama's silent end is an interruption, not an end", async () => {
  const { events: received, failure } = await answerOf(events(hello));
  expect(textOf(received)).toBe("Hello");
  expect(failure).toMatchObject({
    code: "gateway_interrupted",
    message: "The gateway's answer ended without a finish_reason and without [DONE].",
  });
});

test.each(["text/plain", "application/octet-stream", "application/json"])(
  "Server-Sent Events that are called %s are read as what they are",
  async (contentType) => {
    const body = `: connected\n\n${events(hello, chunk({ finish_reason: "stop" }), done)}`;
    const { events: received, failure } = await answerOf(body, contentType);
    expect(failure).toBeUndefined();
    expect(textOf(received)).toBe("Hello");
    expect(received.at(-1)).toEqual({ type: "stop", reason: "stop" });
  },
);

test("Mistral's list of parts is text, without its thoughts and references", async () => {
  const parts = [
    { type: "thinking", thinking: [{ type: "text", text: "Hm." }] },
    { type: "text", text: "Hel" },
    { type: "reference", reference_ids: [1] },
    { type: "text", text: "lo" },
  ];
  const { events: received } = await answerOf(
    events(chunk({ delta: { content: parts } }), chunk({ finish_reason: "stop" }), done),
  );
  expect(textOf(received)).toBe("Hello");
});

test("a refusal of the model is its answer", async () => {
  const { events: received } = await answerOf(
    events(
      chunk({ delta: { role: "assistant", content: "", refusal: null } }),
      chunk({ delta: { refusal: "I'm sorry, " } }),
      chunk({ delta: { refusal: "I cannot help with that." } }),
      chunk({ finish_reason: "stop" }),
      done,
    ),
  );
  expect(textOf(received)).toBe("I'm sorry, I cannot help with that.");
});

const usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 };

test.each([
  ["OpenAI", events(hello, chunk({ finish_reason: "stop" }), { choices: [], usage }, done)],
  [
    "Groq",
    events(hello, chunk({ finish_reason: "stop" }, { x_groq: { id: "req_01", usage } }), done),
  ],
  ["Moonshot", events(hello, chunk({ finish_reason: "stop", usage }), done)],
])("the usage is found where %s puts it", async (_, body) => {
  const { events: received } = await answerOf(body);
  expect(received.at(-1)).toEqual({ type: "stop", reason: "stop", usage });
});

const mistralRefusal = {
  object: "error",
  message: {
    detail: [
      {
        type: "extra_forbidden",
        loc: ["body", "stream_options"],
        msg: "Extra inputs are not permitted",
        input: { include_usage: true },
      },
    ],
  },
  type: "invalid_request_error",
};
const vllmRefusal = {
  object: "error",
  message: "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options')}]",
  type: "BadRequestError",
  param: null,
  code: 400,
};

/** A strict server: what it is asked for with `stream_options` it refuses. */
async function startStrictServer(status: number, refusal: object) {
  const asked: unknown[] = [];
  const server = await startHttpServer(async (request, response) => {
    const body: object = JSON.parse((await request.toArray()).join(""));
    asked.push("stream_options" in body ? body.stream_options : undefined);
    const isRefused = asked.at(-1) !== undefined;
    response.writeHead(isRefused ? status : 200, {
      "content-type": isRefused ? "application/json" : "text/event-stream",
    });
    response.end(isRefused ? JSON.stringify(refusal) : events(hello, done));
  });
  return { ...server, asked };
}

test.each([
  [422, mistralRefusal],
  [400, vllmRefusal],
])(
  "a server that refuses stream_options with %d is asked without them from then on",
  async (status, refusal) => {
    await using server = await startStrictServer(status, refusal);
    const provider = openaiAt(server.url);
    for (let count = 0; count < 2; count += 1) {
      expect(textOf((await provider.ask()).events)).toBe("Hello");
    }
    expect(server.asked).toEqual([{ include_usage: true }, undefined, undefined]);
    expect(provider.observed.map(({ type }) => type)).toEqual([
      "upstream_answered",
      "upstream_answered",
    ]);
  },
);

test("stream_options can be left out from the start", async () => {
  await using server = await startStrictServer(400, vllmRefusal);
  await openaiAt(server.url, { includeUsage: false }).ask();
  expect(server.asked).toEqual([undefined]);
});

test("a refusal for another reason is reported at once", async () => {
  await using server = await startStrictServer(400, { error: { code: "context_length_exceeded" } });
  await expect(openaiAt(server.url).open()).rejects.toMatchObject({
    code: "gateway_rejected",
    message: "The gateway refused the request (status 400, code context_length_exceeded).",
  });
  expect(server.asked).toHaveLength(1);
});
