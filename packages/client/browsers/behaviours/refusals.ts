import type { RequestListener } from "node:http";
import { expect } from "vitest";
import { sessionCookie, sessionToken } from "../lab/session-token.ts";
import type { Behaviour } from "./behaviour.ts";
import { beginInPage, endInPage, streamInPage } from "./in-page-recording.ts";
import { askFor, askForHundred, lengthOfFirst } from "./questions.ts";

const patientRetry = { limit: 3, baseDelayMs: 20, maxDelayMs: 10_000 };

/** Answers every request with this. */
function always(status: number, mediaType: string, body: string): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { "Content-Type": mediaType }).end(body);
  };
}

function refusal(status: number, code: string, retryable = false): RequestListener {
  const error = { code, message: "No.", retryable, requestId: "r-1" };
  return always(status, "application/json", JSON.stringify({ error }));
}

/** What stands between the page and an answer, and the code that it has in every engine. */
const faults: readonly (readonly [what: string, listener: RequestListener, code: string])[] = [
  ["a refused request", refusal(400, "invalid_request"), "invalid_request"],
  ["nobody", refusal(401, "unauthorized"), "unauthorized"],
  ["a refused configuration", refusal(403, "forbidden"), "forbidden"],
  ["a server that is no relay", always(404, "text/html", "<h1>Not found</h1>"), "protocol"],
  ["a proxy without its relay", always(502, "text/html", "<h1>Bad gateway</h1>"), "protocol"],
  ["an answer without a body", always(200, "text/event-stream", ""), "truncated"],
  ["no content", always(204, "text/event-stream", ""), "truncated"],
  ["an event that is no JSON", always(200, "text/event-stream", "data: {\n\n"), "protocol"],
  ["a broken relay", refusal(500, "internal_error", true), "internal_error"],
  ["a reset instead of an answer", ({ socket }) => void socket.resetAndDestroy(), "network"],
];

/** How refusals are told: the same word in every engine. */
export const refusals: readonly Behaviour[] = [
  {
    name: "each fault has the same code in every engine",
    async run({ page, lab }) {
      const urls = faults.map(([, listener]) => lab.script(listener));
      const codes = await page.evaluate(
        (asked) =>
          Promise.all(
            asked.urls.map(async (url) => {
              const { error } = await inPage.record({ url, retry: false }, asked.request).end();
              return error?.code;
            }),
          ),
        { urls, request: askFor("answer").request },
      );
      expect(faults.map(([what], at) => [what, codes[at]])).toEqual(
        faults.map(([what, , code]) => [what, code]),
      );
    },
  },
  {
    name: "a login page with status 200 ends with protocol, and is requested once",
    async run({ page, lab }) {
      let requestCount = 0;
      const url = lab.script((_request, response) => {
        requestCount += 1;
        response.writeHead(200, { "Content-Type": "text/html" }).end("<h1>Sign in</h1>");
      });
      const { request } = askFor("answer");
      const told = await streamInPage(page, { clientOptions: { url }, request });
      expect(told.error).toMatchObject({ code: "protocol", retryable: false });
      expect(requestCount).toBe(1);
    },
  },
  {
    name: "429 with Retry-After is retried after that wait, and not before",
    async run({ page, lab }) {
      const askedAt: number[] = [];
      const answer = always(200, "text/event-stream", 'data: {"type":"stop","reason":"stop"}\n\n');
      const url = lab.script((request, response) => {
        askedAt.push(performance.now());
        if (askedAt.length > 1) return answer(request, response);
        response.setHeader("Retry-After", "1");
        refusal(429, "rate_limited", true)(request, response);
      });
      const { request } = askFor("answer");
      const told = await streamInPage(page, {
        clientOptions: { url, retry: patientRetry },
        request,
      });
      expect(told.reason).toBe("stop");
      const [first = 0, second = 0, ...others] = askedAt;
      // Timers of some engines are a little early.
      expect(second - first).toBeGreaterThanOrEqual(990);
      expect(others).toEqual([]);
    },
  },
  {
    name: "a rate-limited gateway is asked again after its wait, which the relay passes on",
    async run({ page, lab }) {
      const { question, request } = askFor("rate-limited-seconds");
      const told = await streamInPage(page, {
        clientOptions: { url: "/api/llm", retry: patientRetry },
        request,
      });
      const { sentText } = await lab.chat(question, "answered");
      expect(told).toMatchObject({ text: sentText, reason: "stop" });
      expect(lab.chatCount(question)).toBe(2);
    },
  },
  {
    name: "a refused connection is retried, and ends with network if nothing ever listens",
    async run({ page, lab }) {
      const { question, request } = askFor("answer");
      await lab.proxy.refuseConnections();
      lab.proxy.resetConnections();
      const error = await page.evaluate(async (asked) => {
        const retry = { limit: 2, baseDelayMs: 20, maxDelayMs: 100 };
        const told = await inPage.record({ url: "/api/llm", retry }, asked).end();
        // Goes on while the relay comes back.
        inPage.recording = inPage.record(
          { url: "/api/llm", retry: { limit: 50, baseDelayMs: 50, maxDelayMs: 100 } },
          asked,
        );
        return told.error;
      }, request);
      expect(error).toMatchObject({ code: "network", retryable: true, attempts: 3 });
      await lab.proxy.acceptConnections();
      const told = await page.evaluate(() => inPage.recording?.end());
      const { sentText } = await lab.chat(question, "answered");
      expect(told).toMatchObject({ text: sentText, reason: "stop" });
      expect(lab.chatCount(question)).toBe(1);
    },
  },
  {
    name: "another origin that allows the page gets its cookie, if credentials are included",
    async run({ page, lab }) {
      const { name, text, request } = askForHundred(25);
      await page.evaluate((cookie) => {
        document.cookie = `${cookie}; path=/; SameSite=Lax`;
      }, `${sessionCookie}=${sessionToken()}`);
      const url = lab.otherOriginUrl;
      const without = await streamInPage(page, { clientOptions: { url, retry: false }, request });
      expect(without.error).toMatchObject({ code: "unauthorized", status: 401 });

      const clientOptions = { url, resumable: true, credentials: "include" } as const;
      await beginInPage(page, { clientOptions, request }, lengthOfFirst(25));
      // Resuming needs its permission too: Last-Event-ID is no header that pages may just send.
      lab.otherOriginProxy.resetConnections();
      lab.letOn(name);
      expect(await endInPage(page)).toMatchObject({ text, reason: "stop" });
      expect(lab.askedCount(name)).toBe(1);
    },
  },
  {
    name: "another origin that does not allow the page ends with network: browsers give no details",
    async run({ page, lab }) {
      const { question, request } = askFor("answer");
      const clientOptions = { url: lab.strangerUrl, retry: false } as const;
      const { error } = await streamInPage(page, { clientOptions, request });
      expect(error).toMatchObject({ code: "network", retryable: true });
      expect(lab.chatCount(question)).toBe(0);
    },
  },
];
