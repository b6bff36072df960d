import type { ClientOptions, StreamRequest } from "@gatestream/client";
import { record } from "./recording.ts";

/** What a page asks a worker to stream. */
export interface Errand {
  readonly clientOptions: ClientOptions;
  readonly request: StreamRequest;
}

addEventListener("message", ({ data: { clientOptions, request } }: MessageEvent<Errand>) => {
  void record(clientOptions, request).end().then(postMessage);
});
