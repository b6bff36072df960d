import { expect, test } from "vitest";
import { textOf } from "../../../relay/src/gateway/contract/provider-kind.ts";
import { openaiAt } from "../testing/providers-under-test.ts";
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

/** A server that knows one of the names of the limit, and says so in these words. */
async function startServerOfLimit(known: string, refusal: string) {
  const asked: string[] = [];
  const server = await startHttpServer(async (request, response) => {
    const body: object = JSON.parse((await request.toArray()).join(""));
    const name = Object.keys(body).find((field) => field.startsWith("max_")) ?? "";
    asked.push(name);
    const isRefused = name !== known;
    response.writeHead(isRefused ? 400 : 200, {
      "content-type": isRefused ? "application/json" : "text/event-stream",
    });
    response.end(isRefused ? JSON.stringify({ error: { message: refusal } }) : events(hello, done));
  });
  return { ...server, asked };
}

const limited = { request: { options: { maxOutputTokens: 5 } } };

test("an older server is asked for its own name of the limit from its first refusal on", async () => {
  await using server = await startServerOfLimit(
    "max_tokens",
    "Unrecognized request argument supplied: max_completion_tokens",
  );
  const provider = openaiAt(server.url);
  for (let count = 0; count < 2; count += 1) {
    expect(textOf((await provider.ask(limited)).events)).toBe("Hello");
  }
  expect(server.asked).toEqual(["max_completion_tokens", "max_tokens", "max_tokens"]);
});

test("a value of the limit that is refused says nothing of its name", async () => {
  await using server = await startServerOfLimit(
    "max_tokens",
    "max_completion_tokens is too large: 5. This model has at most 4.",
  );
  const provider = openaiAt(server.url);
  await expect(provider.open(limited)).rejects.toMatchObject({ code: "gateway_rejected" });
  expect(server.asked).toEqual(["max_completion_tokens"]);
});

test("a server with models of both kinds is asked as each wants it", async () => {
  const asked: unknown[] = [];
  await using server = await startHttpServer(async (request, response) => {
    const body = JSON.parse((await request.toArray()).join(""));
    const wanted = body.model === "old" ? "max_tokens" : "max_completion_tokens";
    const other = body.model === "old" ? "max_completion_tokens" : "max_tokens";
    asked.push([body.model, wanted in body]);
    response.writeHead(wanted in body ? 200 : 400, { "content-type": "text/event-stream" });
    response.end(
      wanted in body
        ? events(hello, done)
        : `{"error":{"message":"Unsupported parameter: '${other}'. Use '${wanted}' instead."}}`,
    );
  });
  const provider = openaiAt(server.url);
  for (const configurationId of ["old", "new", "new"]) {
    const { failure } = await provider.ask({ ...limited, configurationId });
    expect(failure).toBeUndefined();
  }
  expect(asked).toEqual([
    ["old", false],
    ["old", true],
    ["new", false],
    ["new", true],
    ["new", true],
  ]);
});

test.each([[true], [false]])("metadata is sent where it is asked for: %j", async (sendMetadata) => {
  const asked: unknown[] = [];
  await using server = await startHttpServer(async (request, response) => {
    asked.push(JSON.parse((await request.toArray()).join("")).metadata);
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(events(hello, done));
  });
  const metadata = { queue: "billing" };
  await openaiAt(server.url, { sendMetadata }).ask({ request: { metadata } });
  expect(asked).toEqual([sendMetadata ? metadata : undefined]);
});

test("a refusal for another reason is reported at once", async () => {
  await using server = await startStrictServer(400, { error: { code: "context_length_exceeded" } });
  await expect(openaiAt(server.url).open()).rejects.toMatchObject({
    code: "gateway_rejected",
    message: "The gateway refused the request (status 400, code context_length_exceeded).",
  });
  expect(server.asked).toHaveLength(1);
});
