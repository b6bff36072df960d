import { scenarioNames } from "@gatestream/emulator";
import { expect, test } from "vitest";
import { startEmulator } from "../testing/start-emulator.ts";
import { closedPort } from "../testing/servers.ts";
import { chatsOf, type ProviderKind } from "./provider-kind.ts";

export function testRefusals(kind: ProviderKind): void {
  test.each([
    ["bad-request", 400],
    ["forbidden", 502],
  ] as const)(
    "a refusal is reported at once, with its status and the upstream's code: %s is %d",
    async (scenario, status) => {
      const { emulator, url } = await startEmulator({ scenario });
      const provider = kind.at(url);
      await expect(provider.open()).rejects.toMatchObject({
        code: "gateway_rejected",
        status,
        retryable: false,
        message: expect.stringMatching(
          /^The gateway refused the request \(status 40[0-9], code [\w.]+\)\.$/,
        ),
      });
      expect(chatsOf(emulator.calls)).toHaveLength(1);
      expect(provider.observed).toEqual([]);
    },
  );

  test("refused credentials are reported as such, without a retry", async () => {
    const { kinds, url } = await startEmulator();
    const provider = kind.withWrongCredentials(url);
    await expect(provider.open()).rejects.toMatchObject({
      code: "gateway_auth_failed",
      status: 502,
      retryable: false,
    });
    expect(kinds()).toEqual(kind.askedWithWrongCredentials);
    expect(provider.observed).toEqual([]);
  });

  test("a refusal that repeats the question and the credentials is reported without them", async () => {
    const { emulator, url } = await startEmulator({ scenario: "bad-request-echo" });
    const failure = await kind.at(url).failureOf({ question: "How do I reset my password?" });
    const [chat] = chatsOf(emulator.calls);
    expect(chat?.headers[kind.credentialHeader] ?? "").not.toBe("");
    expect(failure).toMatchObject({
      code: "gateway_rejected",
      message: expect.stringMatching(/^The gateway refused the request \(status 400/),
      cause: { message: expect.stringMatching(/^The gateway failed \(status 400/) },
    });
  });

  test("401 always is given up", async () => {
    const { emulator, url } = await startEmulator({ scenario: "unauthorized-always" });
    const provider = kind.at(url);
    await expect(provider.open()).rejects.toMatchObject({
      code: "gateway_auth_failed",
      message: "The gateway refused the relay's access token.",
      cause: { status: 401 },
    });
    expect(chatsOf(emulator.calls)).toHaveLength(kind.chatsWhenUnauthorized);
    expect(provider.observed).toEqual([]);
  });

  test.each([
    ["html", "an HTML page"],
    ["no-content", "status 204"],
  ] as const)("%s is not taken for an answer", async (scenario, what) => {
    const { emulator, url } = await startEmulator({ scenario });
    await expect(kind.at(url).open()).rejects.toMatchObject({
      code: "gateway_protocol_error",
      message: `The gateway answered with ${what} instead of a stream.`,
    });
    expect(chatsOf(emulator.calls)).toHaveLength(1);
  });

  const onceRateLimited = scenarioNames.filter(
    (name) => name.startsWith("rate-limited-") && !/always|half/.test(name),
  );

  test.each(onceRateLimited)(
    "Retry-After as seconds or as a date is a floor under the next try, without it back-off: %s",
    async (scenario) => {
      const { emulator, url } = await startEmulator({ scenario });
      const provider = kind.at(url);
      const leaving = new AbortController();
      const opening = provider.open({ signal: leaving.signal });
      const { attempt, error, waitMs } = await provider.firstFailure;
      leaving.abort("seen");
      await expect(opening).rejects.toBe("seen");
      expect({ attempt, code: error.code }).toEqual({ attempt: 1, code: "gateway_rate_limited" });
      const isStated = kind.statedWaits.includes(scenario);
      // A date has whole seconds: one to two from now, and a moment has passed.
      const [from, to] = scenario === "rate-limited-date" ? [900, 2_250] : [1_000, 1_250];
      expect(error.retryAfterMs !== undefined).toBe(isStated);
      expect(waitMs).toBeGreaterThanOrEqual(isStated ? from : 0);
      expect(waitMs).toBeLessThanOrEqual(isStated ? to : 250);
      expect(chatsOf(emulator.calls)).toHaveLength(1);
    },
  );

  test("a lasting rate limit is reported with its wait; one beyond the deadline at once", async () => {
    const { emulator, url } = await startEmulator({ scenario: "rate-limited-always" });
    await expect(kind.at(url, { handshakeDeadlineMs: 900 }).open()).rejects.toMatchObject({
      code: "gateway_rate_limited",
      status: 429,
      retryable: true,
      retryAfterMs: 1_000,
    });
    expect(chatsOf(emulator.calls)).toHaveLength(1);
  });

  test("a refusal with 429 holds back its configuration, not only the stream that was refused", async () => {
    const { emulator, url } = await startEmulator({ scenario: "rate-limited-seconds" });
    const provider = kind.at(url);
    const leaving = new AbortController();
    const first = provider.open({ signal: leaving.signal });
    await provider.firstFailure;
    const second = provider.open({ signal: leaving.signal });
    expect(provider.positions).toEqual([1]);
    // Another one is asked for meanwhile.
    await provider.ask({ configurationId: "cfg-2" });
    leaving.abort("seen");
    await expect(first).rejects.toBe("seen");
    await expect(second).rejects.toBe("seen");
    const asked = chatsOf(emulator.calls).map(({ body }) => JSON.stringify(body));
    expect(asked).toHaveLength(2);
    expect(asked[1]).toContain("cfg-2");
  });

  test("retries have a limit: handshakeTries, each reported with its wait, the last without", async () => {
    const { emulator, url } = await startEmulator({ scenario: "unavailable-always" });
    const provider = kind.at(url, { handshakeTries: 3 });
    await expect(provider.open()).rejects.toMatchObject({
      code: "gateway_unavailable",
      message: "The gateway answered with status 503.",
      cause: { status: 503 },
    });
    expect(chatsOf(emulator.calls)).toHaveLength(3);
    expect(provider.observed).toMatchObject([
      { type: "attempt_failed", attempt: 1, waitMs: expect.any(Number) },
      { type: "attempt_failed", attempt: 2, waitMs: expect.any(Number) },
      { type: "attempt_failed", attempt: 3 },
    ]);
    expect(provider.observed[2]).not.toHaveProperty("waitMs");
  });

  test("an upstream without a listener is tried again, then unavailable", async () => {
    const provider = kind.at(`http://127.0.0.1:${await closedPort()}`, { handshakeTries: 2 });
    await expect(provider.open()).rejects.toMatchObject({
      code: "gateway_unavailable",
      message: "The gateway could not be reached.",
    });
    expect(provider.observed).toMatchObject([
      { type: "attempt_failed", attempt: 1 },
      { type: "attempt_failed", attempt: 2 },
    ]);
  });

  test("a full queue refuses at once, and nothing is sent", async () => {
    const { emulator, url } = await startEmulator({ scenario: "stall" });
    const provider = kind.at(url, { maxConcurrentStreams: 1, maxQueued: 0 });
    await provider.open();
    await expect(provider.open()).rejects.toMatchObject({
      code: "overloaded",
      status: 503,
      retryAfterMs: expect.any(Number),
    });
    expect(chatsOf(emulator.calls)).toHaveLength(1);
  });
}
