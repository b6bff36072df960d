import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { EventEmitter, once } from "node:events";
import type { Socket } from "node:net";
import type { EmulatorCall } from "@gatestream/emulator";
import { expect } from "vitest";
import { ask, question, replyTo } from "./ask.ts";
import { startRelay, type RelayUnderTest, type RelayUnderTestOptions } from "./relay-under-test.ts";

/** A relay whose connections, streams and upstream requests are counted. */
export interface WatchedRelay extends RelayUnderTest {
  /** Once no connection, no stream and no upstream request is open. */
  untilNothingLeft(): Promise<void>;
  /** What clients did has left nothing behind, and the next one is served. */
  expectUnharmed(): Promise<void>;
}

const isOpen = ({ state }: EmulatorCall): boolean => state === "open";

export async function startWatchedRelay(
  options: RelayUnderTestOptions = {},
): Promise<WatchedRelay> {
  const changes = new EventEmitter();
  const sockets = new Set<Socket>();
  let streams = 0;
  const under = await startRelay({
    ...options,
    observer(event) {
      if (event.type === "stream_started") streams += 1;
      if (event.type === "stream_ended") streams -= 1;
      options.observer?.(event);
      changes.emit("change");
    },
  });
  const port = Number(new URL(under.url).port);

  const onSocket = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    if (socket.localPort !== port) return;
    sockets.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      changes.emit("change");
    });
  };
  subscribe("net.server.socket", onSocket);

  async function untilNothingLeft(): Promise<void> {
    const { calls } = under.emulator;
    const signal = AbortSignal.timeout(10_000);
    try {
      while (sockets.size > 0 || streams > 0) await once(changes, "change", { signal });
      if (calls.some(isOpen)) await under.emulator.waitFor(() => !calls.some(isOpen), { signal });
    } catch (cause) {
      const open = calls.filter(isOpen).length;
      const left = `${sockets.size} connections, ${streams} streams, ${open} upstream requests`;
      throw new Error(`Left behind: ${left}.`, { cause });
    }
  }

  return {
    ...under,
    untilNothingLeft,
    async expectUnharmed() {
      await untilNothingLeft();
      const reply = await replyTo(ask(under.streamUrl, question("/scenario many-tokens 2")));
      expect(reply.status).toBe(200);
      expect(reply.text).toContain('"type":"stop"');
      await untilNothingLeft();
    },
    async [Symbol.asyncDispose]() {
      unsubscribe("net.server.socket", onSocket);
      await under[Symbol.asyncDispose]();
    },
  };
}
