import type { Emulator, EmulatorCall } from "@gatestream/emulator";
import type { CallWish } from "./gateway-call.ts";
import { listenOnLoopback, type LoopbackServer } from "./loopback-server.ts";

/**
 * `GET /?{@link CallWish}` answers with the gateway's call once there is one as wished: the reply
 * waits, so that nobody has to poll.
 */
export function createControlServer(emulator: Emulator): Promise<LoopbackServer> {
  return listenOnLoopback((request, response) => {
    const { searchParams } = new URL(request.url ?? "/", "http://localhost");
    const wish = Object.fromEntries(searchParams) as Partial<Record<keyof CallWish, string>>;
    const left = new AbortController();
    response.once("close", () => left.abort());
    emulator
      .waitFor((call) => isAsWished(call, wish), { signal: left.signal })
      .then(
        (call) => response.end(JSON.stringify(call)),
        (failure: unknown) => response.writeHead(500).end(String(failure)),
      );
  });
}

function isAsWished(
  call: EmulatorCall,
  { question = "", state, isAccepted }: Partial<Record<keyof CallWish, string>>,
): boolean {
  return (
    call.kind === "chat" &&
    JSON.stringify(call.body)?.includes(question) &&
    (state === undefined || call.state === state) &&
    (isAccepted === undefined || call.scenario !== undefined)
  );
}
