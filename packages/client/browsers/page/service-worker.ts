import { record } from "./recording.ts";
import type { Errand } from "./web-worker.ts";

// Not only the pages that are opened after it.
addEventListener("install", () => void (globalThis as unknown as Scope).skipWaiting());

addEventListener("message", (event) => {
  const { data, ports, waitUntil } = event as ExtendableMessage;
  const { clientOptions, request } = data;
  const told = record(clientOptions, request).end();
  waitUntil.call(
    event,
    told.then((message) => ports[0]?.postMessage(message)),
  );
});

/** What TypeScript knows only instead of the page's own names. */
interface Scope {
  skipWaiting(): Promise<void>;
}

interface ExtendableMessage extends MessageEvent<Errand> {
  waitUntil(work: Promise<unknown>): void;
}
