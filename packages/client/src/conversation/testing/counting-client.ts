import { inject } from "vitest";
import { createClient, type Client } from "../../create-client.ts";

/** A client of the relay in front of the emulated gateway, and the methods of what it has sent. */
export interface CountingClient {
  readonly client: Client;
  readonly methods: readonly string[];
}

export function createCountingClient(
  fetch: typeof globalThis.fetch = globalThis.fetch,
): CountingClient {
  const methods: string[] = [];
  const client = createClient({
    url: inject("servers").relayUrl,
    resumable: true,
    retry: false,
    fetch(url, init) {
      methods.push(init?.method ?? "GET");
      return fetch(url, init);
    },
  });
  return { client, methods };
}
