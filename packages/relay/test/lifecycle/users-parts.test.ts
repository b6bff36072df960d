import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { StreamEvent } from "@gatestream/protocol";
import { describe, expect, test } from "vitest";
import type { AnswerSink, Provider } from "../../src/gateway/provider.ts";
import type { ResumableLog } from "../../src/log/event-log.ts";
import { createMemoryLog } from "../../src/log/memory-log.ts";
import type { ObserverEvent } from "../../src/observe/observer.ts";
import { type OutputFormat, sseFormat } from "../../src/http/sse.ts";
import { createRelay } from "../../src/relay.ts";
import type { RelayOptions } from "../../src/settings/options.ts";
import { deferred } from "../../src/testing/deferred.ts";
import { ask, question, replyTo, responseTo, textUntil } from "@gatestream/testing/ask";
import { eventually } from "@gatestream/testing/eventually";
import { collectFatalErrors } from "@gatestream/testing/fatal-errors";
import { startHost } from "@gatestream/testing/host";
import { parseStream } from "@gatestream/testing/parse-events";
import { openPage } from "@gatestream/testing/socket-page";

// Whatever the parts of a host's own do, a stream has one terminal event, nothing is left, and the
// relay stops in time.

const token: StreamEvent = { type: "token", content: "a", index: 0 };
const stop: StreamEvent = { type: "stop", reason: "stop" };
const never = new Promise<never>(() => {});

type Push = (sink: AnswerSink) => void;

/** A provider that pushes. */
function pushing(push: Push, flow: Partial<ReturnType<Provider["open"]>> = {}): Provider {
  return {
    name: "own",
    open(_request, _context, sink) {
      push(sink);
      return { resume() {}, cancel() {}, ...flow };
    },
    async close() {},
  };
}

/** A relay on a host's server, with the streams that have started and not ended. */
async function startOn(options: Partial<RelayOptions> & { readonly provider: Provider }) {
  const observed: ObserverEvent[] = [];
  const relay = createRelay({
    shutdownGraceMs: 0,
    observer: (event) => void observed.push(event),
    ...options,
  } as RelayOptions);
  const host = await startHost(relay.handler);
  const countOf = (type: ObserverEvent["type"]): number =>
    observed.filter((event) => event.type === type).length;
  return {
    relay,
    observed,
    streamUrl: `${host.url}/api/llm/stream`,
    async untilNothingRuns() {
      await eventually(() => expect(countOf("stream_ended")).toBe(countOf("stream_started")));
    },
    async [Symbol.asyncDispose]() {
      await relay.close();
      await host[Symbol.asyncDispose]();
    },
  };
}

const cyclic: Record<string, unknown> = { type: "cyclic", content: "", index: 1 };
cyclic["self"] = cyclic;

function fail(): never {
  throw new Error("It failed.");
}

const misbehaving: Readonly<Record<string, { provider: Provider; terminal: object }>> = {
  "throws when it is asked": {
    provider: pushing(() => {
      throw new Error("It failed.");
    }),
    terminal: { code: "internal_error" },
  },
  "throws when it is asked, after events": {
    provider: pushing((sink) => {
      sink.events([token]);
      throw new Error("It failed.");
    }),
    terminal: { type: "error", code: "internal_error" },
  },
  "returns nothing": {
    provider: { name: "own", open: () => undefined as never, async close() {} },
    terminal: { code: "internal_error" },
  },
  "pushes a text, which could hold frames of its own": {
    provider: pushing((sink) => {
      sink.events([token, '{"type":"token",\n\nevent: start\n' as never, stop]);
    }),
    terminal: { type: "error", code: "internal_error" },
  },
  "ends without a terminal event": {
    provider: pushing((sink) => {
      sink.events([token]);
      sink.end();
    }),
    terminal: { type: "error", code: "gateway_protocol_error" },
  },
  "ends twice, fails, and goes on after the end": {
    provider: pushing((sink) => {
      sink.accepted();
      sink.events([token, stop, token]);
      sink.events([stop]);
      sink.end();
      sink.end(new Error("It failed."));
      sink.accepted();
      setImmediate(() => {
        sink.events([token, stop]);
        sink.end();
      });
    }),
    terminal: stop,
  },
  "pushes what cannot be written as JSON": {
    provider: pushing((sink) => {
      sink.events([token]);
      sink.events([{ type: "big", content: "", index: 1, value: 1n } as unknown as StreamEvent]);
      sink.end();
    }),
    terminal: { type: "error", code: "internal_error" },
  },
  "pushes, while nobody reads, what cannot be written as JSON": {
    provider: pushing((sink) => {
      sink.accepted();
      sink.events([cyclic as unknown as StreamEvent]);
      sink.end();
    }),
    terminal: { type: "error", code: "internal_error" },
  },
  "pushes what is no event": {
    provider: pushing((sink) => {
      sink.events([token]);
      sink.events([null as never]);
      sink.end();
    }),
    terminal: { type: "error", code: "internal_error" },
  },
};

describe.each(["abort", "detach"])("a stream with onDisconnect %s", (onDisconnect) => {
  const body = { ...question("Hello"), onDisconnect };

  test.each(Object.entries(misbehaving))(
    "of a provider that %s has one terminal event",
    async (_, { provider, terminal }) => {
      const fatalErrors = collectFatalErrors();
      await using under = await startOn({ provider });
      const { status, text } = await replyTo(ask(under.streamUrl, body));
      if (status === 200) {
        const events = parseStream(text).events.map(({ event }) => event);
        const terminals = events.filter(({ type }) => type === "stop" || type === "error");
        expect(terminals).toEqual([expect.objectContaining(terminal)]);
        expect(events.at(-1)).toBe(terminals[0]);
      } else {
        expect(JSON.parse(text).error).toMatchObject(terminal);
      }
      await under.untilNothingRuns();
      const closing = performance.now();
      await under.relay.close();
      expect(performance.now() - closing).toBeLessThan(2_500);
      expect(fatalErrors).toEqual([]);
    },
  );

  test("of a provider whose flow throws ends when its reader leaves, or it is cancelled", async () => {
    const fatalErrors = collectFatalErrors();
    await using under = await startOn({
      provider: pushing((sink) => void sink.events([token]), { cancel: fail }),
      orphanGraceMs: 50,
    });
    const asking = ask(under.streamUrl, body);
    await textUntil(await responseTo(asking), (soFar) => soFar.includes("id: 1\n"));
    asking.destroy();
    await eventually(() =>
      expect(under.observed.map(({ type }) => type)).toContain("stream_ended"),
    );
    const other = await responseTo(ask(under.streamUrl, body));
    const streamId = String(other.headers["x-stream-id"]);
    const reading = textUntil(other, (soFar) => soFar.includes('"type":"stop"'));
    await replyTo(ask(`${under.streamUrl}/${streamId}`, undefined, { method: "DELETE" }));
    expect(await reading).toContain('"reason":"cancelled"');
    await under.untilNothingRuns();
    expect(fatalErrors).toEqual([]);
  });

  test("of a provider that goes on after it was cancelled ends, and takes nothing more", async () => {
    const fatalErrors = collectFatalErrors();
    let pushed = 0;
    let isOver = false;
    const provider = pushing((sink) => {
      const push = (): void => {
        pushed += 1;
        sink.events([token]);
        if (isOver) sink.end(new Error("It failed."));
        else setImmediate(push);
      };
      push();
    });
    await using under = await startOn({ provider, orphanGraceMs: 50 });
    const asking = ask(under.streamUrl, body);
    await textUntil(await responseTo(asking), (soFar) => soFar.includes("id: 1\n"));
    asking.destroy();
    await under.untilNothingRuns();
    const before = pushed;
    await eventually(() => expect(pushed).toBeGreaterThan(before));
    await under.relay.close();
    isOver = true;
    expect(fatalErrors).toEqual([]);
  });

  test("is not disturbed by an observer that throws, rejects or hangs", async () => {
    const fatalErrors = collectFatalErrors();
    const warned = once(process, "warning");
    const provider = pushing((sink) => void sink.events([token, stop]));
    let count = 0;
    await using under = await startOn({
      provider,
      observer() {
        count += 1;
        if (count % 3 === 0) throw new Error("The observer failed.");
        return (count % 3 === 1 ? Promise.reject(new Error("Later.")) : never) as unknown as void;
      },
    });
    for (let index = 0; index < 3; index += 1) {
      const { text } = await replyTo(ask(under.streamUrl, body));
      expect(text).toContain('"type":"stop"');
    }
    await warned;
    expect(fatalErrors).toEqual([]);
  });
});

test("a provider whose flow throws when it may go on ends its answer with internal_error", async () => {
  const fatalErrors = collectFatalErrors();
  const provider = pushing((sink) => void sink.events([token]), { resume: fail });
  await using under = await startOn({ provider });
  const { text } = await replyTo(ask(under.streamUrl, question("Hello")));
  expect(parseStream(text).events.at(-1)?.event).toMatchObject({ code: "internal_error" });
  await under.untilNothingRuns();
  expect(fatalErrors).toEqual([]);
});

test.each(Object.entries(misbehaving))(
  "over a WebSocket, an answer of a provider that %s has one terminal event",
  async (_, { provider, terminal }) => {
    const fatalErrors = collectFatalErrors();
    const relay = createRelay({ port: 0, shutdownGraceMs: 0, provider, observer: () => {} });
    const { url } = await relay.listen();
    {
      using page = await openPage(url);
      page.send({ op: "start", ref: "a", body: question("Hello") });
      expect(await page.untilEnd("a")).toMatchObject(terminal);
      page.send({ op: "follow", ref: "b", streamId: "unknown" });
      await page.untilEnd("b");
      expect(page.framesOf("a").filter(({ type }) => /stop|error|cut/.test(type))).toHaveLength(1);
    }
    await relay.close();
    expect(fatalErrors).toEqual([]);
  },
);

describe.each(["abort", "detach"])("with onDisconnect %s", (onDisconnect) => {
  test.each<[string, Partial<OutputFormat>]>([
    ["begin", { begin: fail }],
    ["encode", { encode: fail }],
  ])("a format whose %s throws cuts its own reader off", async (_, part) => {
    const fatalErrors = collectFatalErrors();
    await using under = await startOn({
      provider: pushing((sink) => void sink.events([token, stop])),
      formats: [sseFormat, { ...sseFormat, mediaType: "text/own", ...part }],
    });
    const body = { ...question("Hello"), onDisconnect };
    const headers = { Accept: "text/own" };
    await expect(replyTo(ask(under.streamUrl, body, { headers }))).rejects.toThrow();
    expect((await replyTo(ask(under.streamUrl, body))).text).toContain('"type":"stop"');
    await under.untilNothingRuns();
    expect(fatalErrors).toEqual([]);
  });
});

test("an authenticate that hangs does not hold up the stop", async () => {
  const fatalErrors = collectFatalErrors();
  const provider = pushing((sink) => void sink.events([stop]));
  const asked = deferred();
  const relay = createRelay({
    port: 0,
    provider,
    authenticate() {
      asked.resolve();
      return never;
    },
  });
  const { url } = await relay.listen();
  const refused = expect(
    replyTo(ask(`${url}/api/llm/stream`, question("Hello"))),
  ).rejects.toThrow();
  await asked.promise;
  const closing = performance.now();
  await relay.close();
  expect(performance.now() - closing).toBeLessThan(1_000);
  await refused;
  expect(fatalErrors).toEqual([]);
});

test.each(["abort", "detach"])(
  "a tracer that throws, or gives nothing, disturbs no stream, and does not hold up the stop: %s",
  async (onDisconnect) => {
    const provider = pushing((sink) => void sink.events([token, stop]));
    let count = 0;
    const startTrace = (() => (count++ === 0 ? undefined : fail())) as () => never;
    await using under = await startOn({ provider, startTrace });
    await replyTo(ask(under.streamUrl, { ...question("Hello"), onDisconnect }));
    const { text } = await replyTo(ask(under.streamUrl, { ...question("Hello"), onDisconnect }));
    expect(text).toContain('"type":"stop"');
    const closing = performance.now();
    await under.relay.close();
    expect(performance.now() - closing).toBeLessThan(2_500);
  },
);

describe("a log of a host's own", () => {
  const body = { ...question("Hello"), onDisconnect: "detach" };
  const provider = pushing((sink) => void sink.events([token, stop]));

  function logWith(part: Partial<ResumableLog>): ResumableLog {
    const limits = { maxLogBytes: 1e6, maxTotalLogBytes: 1e6, retainClosedMs: 60_000 };
    return { ...createMemoryLog(limits), ...part };
  }

  test.each<[string, Partial<ResumableLog>]>([
    ["create", { create: async () => fail() }],
    ["claim", { claim: async () => fail() }],
    ["follow", { follow: async () => fail() }],
  ])("that fails to %s: the start is refused, and nothing is left", async (_, part) => {
    const fatalErrors = collectFatalErrors();
    await using under = await startOn({ provider, log: logWith(part), maxStreamsPerSubject: 1 });
    for (let index = 0; index < 2; index += 1) {
      const headers = { "Idempotency-Key": `key-of-this-caller-${index}` };
      const reply = await replyTo(ask(under.streamUrl, body, { headers }));
      expect([reply.status, JSON.parse(reply.text).error.code]).toEqual([500, "internal_error"]);
    }
    await under.untilNothingRuns();
    const closing = performance.now();
    await under.relay.close();
    expect(performance.now() - closing).toBeLessThan(1_000);
    expect(fatalErrors).toEqual([]);
  });

  test("that cannot say whether a stream has readers elsewhere loses it after the grace", async () => {
    const fatalErrors = collectFatalErrors();
    const silent = pushing((sink) => sink.accepted());
    const log = logWith({ hasReadersElsewhere: () => fail() });
    await using under = await startOn({ provider: silent, log, orphanGraceMs: 20 });
    const asking = ask(under.streamUrl, body);
    await responseTo(asking);
    asking.destroy();
    await under.untilNothingRuns();
    expect(fatalErrors).toEqual([]);
  });

  test("whose reading fails later ends that reader alone", async () => {
    const fatalErrors = collectFatalErrors();
    const slow = pushing((sink) => {
      sink.accepted();
      setTimeout(() => sink.events([token, stop]), 50);
    });
    const log = logWith({});
    const follow: ResumableLog["follow"] = async (...reader) => {
      const following = await log.follow(...reader);
      return following && { resume: () => following.resume(), close: () => fail() };
    };
    await using under = await startOn({ provider: slow, log: { ...log, follow } });
    const { text } = await replyTo(ask(under.streamUrl, body));
    expect(text).toContain('"type":"stop"');
    const asking = ask(under.streamUrl, body);
    await responseTo(asking);
    asking.destroy();
    await under.untilNothingRuns();
    expect(fatalErrors).toEqual([]);
  });

  test.each<[string, Partial<ResumableLog>]>([
    ["create", { create: () => never }],
    ["claim", { claim: () => never }],
    ["follow", { follow: () => never }],
  ])("that hangs at %s does not hold up the stop", async (_, part) => {
    const fatalErrors = collectFatalErrors();
    await using under = await startOn({ provider, log: logWith(part) });
    const headers = { "Idempotency-Key": "key-of-this-caller-0" };
    const asking = ask(under.streamUrl, body, { headers });
    asking.on("error", () => {});
    await sleep(50);
    asking.destroy();
    const closing = performance.now();
    await under.relay.close();
    // Streams may take three seconds to end, and readers one.
    expect(performance.now() - closing).toBeLessThan(6_000);
    expect(fatalErrors).toEqual([]);
  });
});
