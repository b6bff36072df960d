// All that a page needs to read an answer without the SDK.

/**
 * Asks, and tells where the answer can be read. Only fetch can POST; `respond-async` makes the relay
 * say at once where the stream is, instead of sending it.
 * @param {string} question
 * @returns {Promise<string>} the stream's address
 * @throws Error with the relay's own words when it refuses.
 */
export async function startStream(question) {
  const response = await fetch("/api/llm/stream", {
    method: "POST",
    headers: { "Content-Type": "application/json", Prefer: "respond-async" },
    body: JSON.stringify({
      configurationId: "demo",
      messages: [{ role: "user", content: question }],
    }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`);
  return answer.url;
}

/** @typedef {{ readonly type: string, readonly [field: string]: unknown }} StreamEvent */

/**
 * What is heard of a stream. An `id` is the event's place in it: 1, 2, 3 … without holes.
 * @typedef {object} Listener
 * @property {() => void} onOpen a connection is open: the first, or one more
 * @property {(content: string, id: number) => void} onToken
 * @property {(event: StreamEvent, id: number) => void} onEnd `stop` or `error`: nothing follows
 * @property {(event: StreamEvent) => void} onNotice what is no part of the answer
 * @property {(isFinal: boolean) => void} onLost the connection is gone; unless that is final, the
 *   browser opens another by itself
 */

/** What the relay gives a name, so that `onmessage` never sees it. */
const notices = ["start", "queued", "warning", "live", "gap", "reconnect"];

/**
 * Reads the stream at `url` to its end. The browser keeps the last id, and sends it as
 * `Last-Event-ID` whenever it reconnects: nothing is lost, nothing comes twice.
 * @param {string} url
 * @param {Listener} listener
 * @returns {EventSource} Close it after the end.
 */
export function readStream(url, listener) {
  const source = new EventSource(url);

  source.addEventListener("open", () => listener.onOpen());

  // The same as `onmessage`: the answer is what has no name, and nothing else has none.
  source.addEventListener("message", ({ data, lastEventId }) => {
    const event = JSON.parse(data);
    const id = Number(lastEventId);
    if (event.type === "token") listener.onToken(event.content, id);
    // Else it is a type of the gateway's own, which this page does not know.
    else if (event.type === "stop" || event.type === "error") listener.onEnd(event, id);
  });

  for (const name of notices) {
    source.addEventListener(name, ({ data }) => listener.onNotice(JSON.parse(data)));
  }

  // The connection's own error, which says nothing more; the relay's `error` comes as a message.
  source.addEventListener("error", () => {
    listener.onLost(source.readyState === EventSource.CLOSED);
  });

  return source;
}
