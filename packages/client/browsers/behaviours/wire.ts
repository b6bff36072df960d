import { expect } from "vitest";
import type { Behaviour } from "./behaviour.ts";
import { streamInPage } from "./in-page-recording.ts";
import { askFor } from "./questions.ts";

const token = (content: string) => JSON.stringify({ type: "token", content, index: 0 });
const stop = JSON.stringify({ type: "stop", reason: "stop" });

/** Bodies that the WHATWG specification ("Server-sent events", "Parsing an event stream") reads so. */
const bodies: readonly (readonly [what: string, body: string, text: string])[] = [
  ["a byte order mark", `\uFEFFdata: ${token("a")}\n\ndata: ${stop}\n\n`, "a"],
  ["lines ended by CR", `data: ${token("a")}\r\rdata: ${stop}\r\r`, "a"],
  ["lines ended by CRLF", `data: ${token("a")}\r\n\r\ndata: ${stop}\r\n\r\n`, "a"],
  ["all three", `data: ${token("a")}\r\n\ndata: ${token("b")}\r\r\ndata: ${stop}\n\n`, "ab"],
  ["comments", `: one\n:\n\ndata: ${token("a")}\n: two\n\ndata: ${stop}\n\n`, "a"],
  ["no space after the colon", `data:${token("a")}\n\ndata:${stop}\n\n`, "a"],
  [
    "an id, a retry and a field that nobody knows",
    `id: 1\nretry: 10\nfoo: bar\ndata: ${token("a")}\n\nid: 2\ndata: ${stop}\n\n`,
    "a",
  ],
  [
    "data over several lines",
    `data: {"type":"token",\ndata: "content":"a","index":0}\n\ndata: ${stop}\n\n`,
    "a",
  ],
  [
    "blocks without data",
    `\n\n\nevent: start\n\nid: 1\n\ndata: ${token("a")}\n\ndata: ${stop}\n\n`,
    "a",
  ],
];

/** What comes over the wire, and what it means. */
export const wire: readonly Behaviour[] = [
  {
    name: "an event stream is read as the WHATWG specification says, whole or byte by byte",
    async run({ page, lab }) {
      const urls = bodies.map(([, body]) =>
        lab.script((_request, response) => {
          response.writeHead(200, { "Content-Type": "Text/Event-Stream; charset=UTF-8" }).end(body);
        }),
      );
      const texts = await page.evaluate(
        async (asked) => {
          const all = [];
          for (const fetch of [undefined, inPage.fetchByteByByte]) {
            for (const url of asked.urls) {
              const told = await inPage.record({ url, fetch, retry: false }, asked.request).end();
              all.push(told.error?.code ?? told.text);
            }
          }
          return all;
        },
        { urls, request: askFor("answer").request },
      );
      const expected = bodies.map(([what, , text]) => [what, text]);
      expect(texts.slice(0, bodies.length).map((text, at) => [bodies[at]?.[0], text])).toEqual(
        expected,
      );
      expect(texts.slice(bodies.length).map((text, at) => [bodies[at]?.[0], text])).toEqual(
        expected,
      );
    },
  },
  {
    name: "an incomplete event at the end is not delivered",
    async run({ page, lab }) {
      const url = lab.script((_request, response) => {
        response.writeHead(200, { "Content-Type": "text/event-stream" });
        response.end(`data: ${token("a")}\n\ndata: ${token("b")}\n`);
      });
      const { request } = askFor("answer");
      const told = await streamInPage(page, { clientOptions: { url, retry: false }, request });
      expect(told).toMatchObject({ text: "a", error: { code: "truncated", text: "a" } });
    },
  },
  {
    name: "a missing id is an error, and no text is delivered after it",
    async run({ page, lab }) {
      const url = lab.script((_request, response) => {
        response.writeHead(200, { "Content-Type": "text/event-stream" });
        response.end(`id: 1\ndata: ${token("a")}\n\nid: 3\ndata: ${token("c")}\n\n`);
      });
      const { request } = askFor("answer");
      const told = await streamInPage(page, { clientOptions: { url, retry: false }, request });
      expect(told).toMatchObject({ text: "a", error: { code: "protocol", text: "a" } });
    },
  },
];
