// Reads an answer to its end, over as many connections and relays as that takes. With fetch and not
// with an EventSource, so that the page can read the header in which nginx names the relay.

/** @typedef {import("../native-eventsource/read-stream.js").StreamEvent} StreamEvent */

/**
 * What is heard of a stream. An `id` is the event's place in it: 1, 2, 3 … without holes.
 * @typedef {object} Listener
 * @property {(relay: string) => void} onOpen a connection is open, to this relay
 * @property {(content: string, id: number) => void} onToken
 * @property {(event: StreamEvent, id: number) => void} onEnd `stop` or `error`: nothing follows
 * @property {(event: StreamEvent) => void} onNotice what is no part of the answer
 * @property {(why: string) => void} onLost the connection is gone; another will be opened
 * @property {(why: string) => void} onRefused there is no such stream, or not for us
 */

/** @param {Response} response */
const relayOf = (response) => response.headers.get("X-Served-By") ?? "";

/** @param {number} ms */
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Asks, and tells which relay writes the answer and where it can be read.
 * @param {string} question
 * @throws Error with the relay's own words when it refuses.
 */
export async function startStream(question) {
  const body = JSON.stringify({
    configurationId: "demo",
    messages: [{ role: "user", content: question }],
  });
  const headers = { "Content-Type": "application/json", Prefer: "respond-async" };
  const ask = () => fetch("/api/llm/stream", { method: "POST", headers, body });
  let response = await ask();
  // A relay that is being stopped refuses before it asks anybody; it is the other one's turn now.
  if (response.status === 503) response = await ask();
  if (!response.ok) throw new Error(await reasonOf(response));
  const { url } = await response.json();
  return { url: String(url), relay: relayOf(response) };
}

/**
 * Reads the stream at `url`. The id of the last event that came is sent as `Last-Event-ID`, whichever
 * relay is asked: nothing is lost, nothing comes twice.
 * @param {string} url
 * @param {Listener} listener
 */
export function followStream(url, listener) {
  let lastId = 0;
  let isOver = false;
  let waitMs = 0;
  let connection = new AbortController();

  async function readConnection() {
    connection = new AbortController();
    const headers = { "Last-Event-ID": String(lastId) };
    const response = await fetch(url, { headers, signal: connection.signal });
    if (response.status !== 200 || response.body === null) {
      const why = await reasonOf(response);
      if (response.status >= 500) throw new Error(why);
      isOver = true;
      listener.onRefused(why);
      return;
    }
    listener.onOpen(relayOf(response));
    for await (const { id, data } of readFrames(response.body)) hear(Number(id), JSON.parse(data));
    throw new Error("it was closed before the end");
  }

  /**
   * @param {number} id
   * @param {StreamEvent} event
   */
  function hear(id, event) {
    const { type, content, retryMs } = event;
    if (id > 0) lastId = id;
    if (type === "token") {
      listener.onToken(String(content), id);
    } else if (type === "stop" || type === "error") {
      isOver = true;
      listener.onEnd(event, id);
    } else {
      if (type === "reconnect") waitMs = Number(retryMs);
      listener.onNotice(event);
    }
  }

  async function follow() {
    while (!isOver) {
      // Long enough to be seen here. In service: longer each time, and not the same for everybody.
      waitMs = 500;
      try {
        await readConnection();
      } catch (error) {
        if (isOver) return;
        listener.onLost(error instanceof Error ? error.message : String(error));
      }
      await wait(waitMs);
    }
  }

  void follow();
  return {
    /** As if the network did it. */
    cut: () => connection.abort(new Error("the page cut it")),
    /** Nothing more is wanted here. */
    leave() {
      isOver = true;
      connection.abort();
    },
  };
}

/** @param {Response} response a refusal of the relay, or of nginx when there is none */
async function reasonOf(response) {
  const { error } = await response.json().catch(() => ({ error: undefined }));
  const { code, message } = error ?? { code: response.status, message: "no relay answers" };
  return `${code}: ${message}`;
}

/**
 * Server-Sent Events as this relay writes them: `\n`, a blank after each colon, one line of data. For
 * those of any server there are parsers.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 */
async function* readFrames(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const frames = `${rest}${value}`.split("\n\n");
    rest = frames.pop() ?? "";
    for (const frame of frames) {
      const { id = "0", data } = Object.fromEntries(frame.split("\n").map(fieldOf));
      if (data !== undefined) yield { id, data };
    }
  }
}

/** @param {string} line */
function fieldOf(line) {
  const colon = line.indexOf(": ");
  return [line.slice(0, colon), line.slice(colon + 2)];
}
