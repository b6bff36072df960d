import { once } from "node:events";
import { expect, test } from "vitest";
import { genesysAt } from "../testing/provider-under-test.ts";
import { startRawGateway } from "../testing/servers.ts";
import { KeepaliveGuard } from "./read-answer.ts";

test.each(["\n", " \r\n"])(
  "blank lines between two events are bounded in bytes: %j",
  async (line) => {
    await using gateway = await startRawGateway(async (_, response) => {
      response.write('{"content":"a"}\n');
      const goOn = (): void => {
        while (!response.destroyed && response.write(line.repeat(1_000)));
      };
      response.on("drain", goOn);
      goOn();
      await once(response, "close");
    });
    const { events, failure } = await genesysAt(gateway.url).ask();
    expect(events).toEqual([{ type: "token", content: "a", index: 0 }]);
    expect(failure).toMatchObject({
      code: "gateway_protocol_error",
      message: "The gateway sent more than 2097152 bytes of blank lines and comments in a row.",
    });
  },
);

/** A guard, and what it is given when. */
function guardAt() {
  const clock = { ms: 0 };
  const guard = new KeepaliveGuard({ idleTimeoutMs: 100 }, () => clock.ms);
  return (ms: number, ...payloads: readonly string[]): void => {
    clock.ms = ms;
    guard.check(payloads, 1);
  };
}

test("blank lines and comments keep an answer for three times idleTimeoutMs, not for ever", () => {
  const check = guardAt();
  check(1_000);
  for (let ms = 1_050; ms <= 1_300; ms += 50) check(ms, "", " \r");
  expect(() => check(1_301)).toThrow(
    expect.objectContaining({
      code: "gateway_timeout",
      message:
        "The gateway sent only blank lines and comments for 300 ms (three times idleTimeoutMs).",
    }),
  );
});

test("every payload begins the time anew", () => {
  const check = guardAt();
  for (let ms = 0; ms < 10_000; ms += 200) {
    check(ms);
    check(ms + 100, "", "payload");
  }
});
