import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as after } from "node:timers/promises";

/** What becomes of the bytes that browsers are sent; it may change at any time. */
export interface Shape {
  /** Until the connection that is in use is reset. */
  bytesLeft: number;
  bytesPerSecond: number | undefined;
  /** Whether each byte goes by itself. */
  isSplit: boolean;
}

/** One connection of a browser, and the one to its relay that belongs to it. */
export interface ProxiedConnection {
  reset(): void;
  /** It stays open, and nothing comes through it any more. */
  stall(): void;
}

/** How often a throttled browser is sent something, in milliseconds. */
const tickMs = 20;

export function openConnection(
  browser: Socket,
  relayPort: number,
  shape: Shape,
): ProxiedConnection {
  const relay = connect(relayPort, "127.0.0.1");
  let isStalled = false;

  function reset(): void {
    browser.resetAndDestroy();
    relay.resetAndDestroy();
  }

  /** Sends the browser what its relay says. */
  async function send(): Promise<void> {
    for await (const chunk of relay as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length && !browser.destroyed;) {
        if (isStalled) return void (await once(browser, "close"));
        const piece = chunk.subarray(at, at + pieceBytes(shape));
        at += piece.length;
        shape.bytesLeft -= piece.length;
        browser.write(piece);
        if (shape.bytesLeft <= 0) {
          shape.bytesLeft = Infinity;
          // Together with its last bytes a reset would look like an end to who reads them.
          await after(tickMs);
          return reset();
        }
        if (shape.bytesPerSecond !== undefined) await after(tickMs);
        else if (shape.isSplit) await nextTurn();
        if (browser.writableNeedDrain) await roomOrClose(browser);
      }
    }
  }

  browser.on("error", () => {}).once("close", () => relay.resetAndDestroy());
  relay.on("error", () => {}).setNoDelay(true);
  browser.pipe(relay);
  send().then(
    // Only now: the relay's end comes long before its last byte where that is slow. What the
    // browser still sends goes nowhere, but is read: else it would never look at the answer.
    () => isStalled || browser.end().unpipe().resume(),
    () => browser.resetAndDestroy(),
  );
  return {
    reset,
    stall() {
      isStalled = true;
      // Read to nowhere, not paused: a socket that is not read does not see its end.
      browser.unpipe().resume();
    },
  };
}

function pieceBytes({ bytesLeft, bytesPerSecond, isSplit }: Shape): number {
  if (isSplit) return 1;
  const allowed = bytesPerSecond === undefined ? Infinity : (bytesPerSecond * tickMs) / 1000;
  return Math.max(1, Math.floor(Math.min(allowed, bytesLeft)));
}

/** A destroyed socket emits close but never drain. */
function roomOrClose(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      socket.off("drain", settle).off("close", settle);
      resolve();
    };
    socket.on("drain", settle).on("close", settle);
  });
}
