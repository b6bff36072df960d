/** Where streams come from, and the bytes that ask for one. */
export interface Target {
  readonly port: number;
  /** A whole HTTP request; over a WebSocket the one that upgrades. */
  readonly request: string;
  /** Over a WebSocket: the text that starts a stream, sent once it is open. */
  readonly startText?: string;
}

export interface RequestParts {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

export function requestText({ method, path, headers = {}, body }: RequestParts): string {
  const text = body === undefined ? "" : JSON.stringify(body);
  const lines = Object.entries({
    Host: "127.0.0.1",
    ...headers,
    ...(body && { "Content-Type": "application/json", "Content-Length": text.length }),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${text}`;
}

/** What every chat is started with. */
export const messages = [{ role: "user", content: "Tell me a long story." }] as const;
