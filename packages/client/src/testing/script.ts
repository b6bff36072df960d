import { inject } from "vitest";

/** What the scripted server answers with. It takes any request and looks at nothing. */
export interface Script {
  /** @defaultValue 200 */
  readonly status?: number;
  /** @defaultValue `text/event-stream` as content type */
  readonly headers?: Readonly<Record<string, string>>;
  /** @defaultValue empty */
  readonly body?: string;
  /** Whether each byte of the body is a chunk of its own. @defaultValue false */
  readonly isByteByByte?: boolean;
  /** Whether the body begins with a token event that holds the request. @defaultValue false */
  readonly isEcho?: boolean;
  /**
   * `end` is a clean one, `cut` destroys the connection after the body, `hang` sends no more,
   * `silence` sends nothing at all, not even headers. @defaultValue `"end"`
   */
  readonly ending?: "end" | "cut" | "hang" | "silence";
}

/** What an echo tells of the request. */
export interface EchoedRequest {
  readonly method: string;
  /** Below the script. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** The base URL of a relay that plays `script`. */
export function relayThatPlays(script: Script): string {
  return `${inject("servers").scriptedUrl}/${encodeURIComponent(JSON.stringify(script))}`;
}
