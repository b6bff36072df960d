import type { RequestingTransport, Transport } from "../transport.ts";
import { pollTransport } from "./poll-transport.ts";

/** How many connections in a row must bring nothing. */
const silentLimit = 2;

/**
 * Turns a client to polling once two connections in a row have brought nothing, not even a heartbeat, until
 * the client gave them up: a proxy holds event streams back. The client stays with it.
 *
 * @example
 * ```ts
 * const client = createClient({ url: "/api/llm", resumable: true, fallback: poll });
 * ```
 */
export function poll(transport: RequestingTransport): Transport {
  const polling = pollTransport(transport);
  let silentCount = 0;
  const current = (): Transport => (silentCount < silentLimit ? transport : polling);
  return {
    ...transport,
    get name() {
      return current().name;
    },
    open(target, connection) {
      const way = current();
      if (way === polling) return way.open(target, connection);
      const { signal, onEvent } = connection;
      let isSilent = true;
      signal.addEventListener(
        "abort",
        () => {
          const { code } = signal.reason;
          if (isSilent && (code === "stalled" || code === "timeout")) silentCount += 1;
        },
        { once: true },
      );
      return way.open(target, {
        ...connection,
        onEvent(event, id) {
          // A `start` alone may come before a proxy that holds back what follows.
          if (isSilent && id) {
            isSilent = false;
            silentCount = 0;
          }
          return onEvent(event, id);
        },
      });
    },
  };
}
