import type { ScenarioName } from "@gatestream/emulator";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { startEmulator } from "../testing/start-emulator.ts";
import { closedPort } from "../testing/servers.ts";
import { conversation, type ProviderUnderTest } from "../testing/provider-under-test.ts";
import { chatsOf, type ProviderKind } from "./provider-kind.ts";

const failing: readonly ScenarioName[] = [
  "bad-request",
  "bad-request-echo",
  "forbidden",
  "unauthorized-always",
  "rate-limited-always",
  "unavailable-always",
  "html",
  "no-content",
  "silent",
  "stall",
  "cut",
  "error-in-middle",
  "huge-line",
];

export function testSecrets(kind: ProviderKind): void {
  const limits = {
    handshakeTries: 2,
    handshakeDeadlineMs: 900,
    firstByteTimeoutMs: 250,
    idleTimeoutMs: 250,
  };

  function expectNowhere(
    secrets: readonly string[],
    failure: unknown,
    { observed }: ProviderUnderTest,
  ): void {
    expect(failure).toBeInstanceOf(Error);
    for (const told of [failure, ...observed]) {
      const deep = inspect(told, { depth: 10, showHidden: true, getters: true });
      for (const text of [deep, JSON.stringify(told), String(told)]) {
        for (const secret of secrets) expect(text).not.toContain(secret);
      }
    }
  }

  test.each(failing)(
    "none in an error, its causes or the observer's events: %s",
    async (scenario) => {
      const { emulator, url } = await startEmulator({ scenario });
      const provider = kind.at(url, limits);
      const failure = await provider.failureOf();
      const sent = chatsOf(emulator.calls).map(
        ({ headers }) => headers[kind.credentialHeader]?.split(" ").at(-1) ?? "",
      );
      expect(sent.length).toBeGreaterThan(0);
      expect(sent).not.toContain("");
      const words = conversation.map(({ content }) => content);
      expectNowhere([...kind.secrets, ...sent, ...words], failure, provider);
    },
  );

  test("none when the credentials are refused", async () => {
    const { url } = await startEmulator();
    const provider = kind.withWrongCredentials(url);
    expectNowhere(kind.secrets, await provider.failureOf(), provider);
  });

  test("none when the port has no listener", async () => {
    const provider = kind.at(`http://127.0.0.1:${await closedPort()}`, limits);
    expectNowhere(kind.secrets, await provider.failureOf(), provider);
  });
}
