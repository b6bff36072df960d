// Portkey's gateway is a program of its own, which reads its port from the command line. As installed
// today it fails at every answer that streams: it adds to the headers of what fetch returned, and
// those are immutable. Here they are not.
import { readSurroundings } from "./surroundings.ts";

readSurroundings();
const fetchUnchanged = globalThis.fetch;
const NativeResponse = globalThis.Response;

globalThis.fetch = async (input, options) => {
  const { body, status, headers } = await fetchUnchanged(input, options);
  return new NativeResponse(body, { status, headers: new Headers(headers) });
};

// It has no types.
const server = "@portkey-ai/gateway/build/start-server.js";
await import(server);
