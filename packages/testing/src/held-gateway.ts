import { EventEmitter, once } from "node:events";
import type { ServerResponse } from "node:http";
import { createEmulator, type Emulator, type EmulatorOptions } from "@gatestream/emulator";
import { startHost } from "./host.ts";

/** The emulated gateway behind a door; `await using` closes it. */
export interface HeldGateway extends AsyncDisposable {
  readonly url: string;
  readonly emulator: Emulator;
  /** How often an answer was asked for. */
  readonly chatCount: number;
  /** What is held from now on; undefined for nothing. */
  hold(what: Held | undefined): void;
  /** Lets the first that waits go on, as soon as one does: of an answer so many pieces at once. */
  release(pieces?: number): Promise<void>;
}

/** The request for an access token, the request for an answer, or each piece of an answer. */
export type Held = "token" | "chat" | "pieces";

export interface HeldGatewayOptions {
  readonly hold?: Held | undefined;
  /** As fast as the gate allows by default. */
  readonly emulator?: EmulatorOptions | undefined;
}

/** A gateway that says no more than the test lets it: a piece is a token, or the end. */
export async function startHeldGateway(options: HeldGatewayOptions = {}): Promise<HeldGateway> {
  const emulator = createEmulator({ tokensPerSecond: 0, ...options.emulator });
  const waiting: ((pieces: number) => void)[] = [];
  const door = new EventEmitter();
  let held = options.hold;

  function wait(goOn: (pieces: number) => void): void {
    waiting.push(goOn);
    door.emit("held");
  }

  const host = await startHost((request, response) => {
    const what = request.url === "/oauth/token" ? "token" : "chat";
    if (held === "pieces") holdPieces(response, wait);
    if (held === what) wait(() => emulator.handler(request, response));
    else emulator.handler(request, response);
  });

  return {
    url: host.url,
    emulator,
    get chatCount() {
      return emulator.calls.filter(({ kind }) => kind === "chat").length;
    },
    hold(what) {
      held = what;
    },
    async release(pieces = 1) {
      while (waiting.length === 0) await once(door, "held");
      waiting.shift()?.(pieces);
    },
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await emulator.close();
    },
  };
}

/** The emulator waits for `drain` before it writes its next piece, as for a reader that is slow. */
function holdPieces(response: ServerResponse, wait: (goOn: (pieces: number) => void) => void) {
  const write = response.write.bind(response);
  let free = 0;
  response.write = (piece: unknown) => {
    if (free > 0) {
      free -= 1;
      write(piece);
      return true;
    }
    wait((pieces) => {
      free = pieces - 1;
      write(piece);
      response.emit("drain");
    });
    return false;
  };
}
