/** One session with a driver that speaks WebDriver over HTTP: only what is needed here. */
export interface WebdriverSession {
  readonly browserVersion: string;
  /** Sends a command of the session; resolves with its value, or rejects with the driver's words. */
  send<Value>(method: "GET" | "POST" | "DELETE", path: string, body?: object): Promise<Value>;
}

/** What a driver refuses with: `code` is one of WebDriver's words, "Errors" in its specification. */
export class WebdriverError extends Error {
  override readonly name = "WebdriverError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface NewSession {
  readonly sessionId: string;
  readonly capabilities: { readonly browserVersion: string };
}

/** Opens a session once the driver answers, which it does a moment after it was started. */
export async function openSession(
  driverUrl: string,
  capabilities: object,
  signal: AbortSignal,
): Promise<WebdriverSession> {
  await untilReady(driverUrl, signal);
  const session = await command<NewSession>("POST", `${driverUrl}/session`, {
    capabilities: { alwaysMatch: capabilities },
  });
  return {
    browserVersion: session.capabilities.browserVersion,
    send: (method, path, body) =>
      command(method, `${driverUrl}/session/${session.sessionId}${path}`, body),
  };
}

async function command<Value>(method: string, url: string, body?: object): Promise<Value> {
  const response = await fetch(url, {
    method,
    ...(method === "POST" && { body: JSON.stringify(body ?? {}) }),
  });
  const { value } = (await response.json()) as { readonly value: Value };
  if (!response.ok)
    throw new Error(`The driver refused ${method} ${url}: ${JSON.stringify(value)}`);
  return value;
}

async function untilReady(driverUrl: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    try {
      await command("GET", `${driverUrl}/status`);
      return;
    } catch {
      // It does not listen yet, and says to nobody when it does.
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
  }
}
