import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";

export interface PageFile {
  readonly type: string;
  readonly content: string | Uint8Array;
}

const headers = {
  "Cache-Control": "no-cache",
  // Nothing but what the page brings itself, and nothing inline.
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>gatestream demo</title>
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/page.css" />
    <script src="/gatestream-chat.js" defer></script>
  </head>
  <body>
    <gatestream-chat
      src="/api/llm"
      configuration-id="demo"
      heading="gatestream demo"
      persist="demo"
      resumable
      wire
    ></gatestream-chat>
  </body>
</html>
`;

const css = `body {
  margin: 0;
}
gatestream-chat {
  height: 100vh;
  height: 100dvh;
}
`;

/** The files of the page by their paths; the element's script is that of its package. */
export async function readPageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const element = import.meta.resolve("@gatestream/element/package.json");
  const script = await readFile(new URL("dist/gatestream-chat.iife.min.js", element));
  return new Map<string, PageFile>([
    ["/", { type: "text/html; charset=utf-8", content: html }],
    ["/page.css", { type: "text/css; charset=utf-8", content: css }],
    ["/gatestream-chat.js", { type: "text/javascript; charset=utf-8", content: script }],
  ]);
}

/** Answers a request for one of `files`; every other path is 404. */
export function servePage(
  files: ReadonlyMap<string, PageFile>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const file = files.get(request.url?.split("?")[0] ?? "");
  if (file === undefined) {
    response.writeHead(404, headers).end();
  } else if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { ...headers, Allow: "GET, HEAD" }).end();
  } else {
    response.writeHead(200, { ...headers, "Content-Type": file.type }).end(file.content);
  }
}
