import { expect, test } from "vitest";
import type { Authenticate } from "../../src/access/caller.ts";
import { ask, refusalIn, replyTo } from "@gatestream/testing/ask";
import { createReader } from "@gatestream/testing/resuming-reader";
import { describeEachLog, startRelays } from "@gatestream/testing/two-relays";
import { askForWhole, expectWhole, lastId, noticesOf } from "@gatestream/testing/whole-answer";

/** Everybody is who they say; what they prove ends when they say. */
const authenticate: Authenticate = ({ headers }) => {
  const subject = String(headers["x-user"]);
  const expiresAt = headers["x-expires-at"];
  return expiresAt === undefined ? { subject } : { subject, expiresAt: Number(expiresAt) };
};

const held = { gateway: { hold: "pieces" }, authenticate } as const;
const user = (name: string, expiresAt?: number) => ({
  "X-User": name,
  ...(expiresAt === undefined ? {} : { "X-Expires-At": expiresAt }),
});

describeEachLog("when what a reader proved ends", (kind) => {
  test.each(["soon", "before the answer begins"])(
    "%s it is sent away, its stream goes on, and with a new proof it reads on",
    async (when) => {
      await using relays = await startRelays(kind, held);
      const { here, there, gateway } = relays;
      const reader = createReader();
      const headers = user("ada", Date.now() + (when === "soon" ? 300 : -1));
      await reader.open(ask(here.streamUrl, askForWhole, { headers }));
      if (when === "soon") await gateway.release(3);
      const { event } = await reader.readToNotice("reconnect");
      expect(event).toMatchObject({ retryMs: expect.any(Number) });
      await reader.readToEnd();
      const target = `${there.streamUrl}/${reader.streamId}?after=${reader.cursor}`;
      await reader.open(ask(target, undefined, { method: "GET", headers: user("ada") }));
      await gateway.release(lastId);
      await reader.readToEnd();
      expectWhole(reader);
      expect(gateway.chatCount).toBe(1);
    },
  );

  test("a reader elsewhere is sent away too", async () => {
    await using relays = await startRelays(kind, held);
    const reader = createReader();
    await reader.open(ask(relays.here.streamUrl, askForWhole, { headers: user("ada") }));
    const headers = user("ada", Date.now() + 100);
    const target = `${relays.there.streamUrl}/${reader.streamId}`;
    const other = createReader();
    await other.open(ask(target, undefined, { method: "GET", headers }));
    await other.readToEnd();
    expect(noticesOf(other)).toEqual(["start", "live", "reconnect"]);
    await relays.gateway.release(lastId);
    await reader.readToEnd();
    expectWhole(reader);
  });

  test("nothing happens where streams do not end with it", async () => {
    await using relays = await startRelays(kind, { ...held, endOnTokenExpiry: false });
    const reader = createReader();
    const past = { headers: user("ada", Date.now() - 1) };
    await reader.open(ask(relays.here.streamUrl, askForWhole, past));
    await relays.gateway.release(lastId);
    await reader.readToEnd();
    expectWhole(reader);
    expect(noticesOf(reader)).toEqual(["start"]);
  });
});

describeEachLog("an owned stream", (kind) => {
  test("is for others as if it were not there, on every relay", async () => {
    await using relays = await startRelays(kind, { authenticate });
    const started = await replyTo(
      ask(relays.here.streamUrl, askForWhole, { headers: user("ada") }),
    );
    const id = started.headers["x-stream-id"];
    for (const { streamUrl } of [relays.here, relays.there]) {
      for (const method of ["GET", "DELETE"]) {
        const others = await replyTo(
          ask(`${streamUrl}/${id}`, undefined, { method, headers: user("bob") }),
        );
        const nobodys = await replyTo(
          ask(`${streamUrl}/${"A".repeat(22)}`, undefined, { method, headers: user("bob") }),
        );
        expect([others.status, refusalIn(others).code]).toEqual([404, "stream_not_found"]);
        expect(refusalIn(others).message).toBe(refusalIn(nobodys).message);
        const own = { method, headers: user("ada") };
        const owners = await replyTo(ask(`${streamUrl}/${id}`, undefined, own));
        expect(owners.status).toBe(method === "GET" ? 200 : 204);
      }
    }
  });

  test("that runs is not cancelled by others", async () => {
    await using relays = await startRelays(kind, held);
    const reader = createReader();
    await reader.open(ask(relays.here.streamUrl, askForWhole, { headers: user("ada") }));
    for (const { streamUrl } of [relays.here, relays.there]) {
      const target = `${streamUrl}/${reader.streamId}`;
      const options = { method: "DELETE", headers: user("bob") };
      expect((await replyTo(ask(target, undefined, options))).status).toBe(404);
    }
    await relays.gateway.release(lastId);
    await reader.readToEnd();
    expectWhole(reader);
  });

  test("of an anonymous caller can be read with its id, from any address", async () => {
    await using relays = await startRelays(kind, {
      gateway: { hold: "pieces" },
      trustedProxies: ["loopback"],
    });
    const reader = createReader();
    const from = (address: string) => ({ "X-Forwarded-For": address });
    await reader.open(ask(relays.here.streamUrl, askForWhole, { headers: from("192.0.2.1") }));
    await relays.gateway.release(3);
    await reader.readTo(2);
    reader.cut();
    const headers = { ...from("198.51.100.2"), "Last-Event-ID": 2 };
    const target = `${relays.there.streamUrl}/${reader.streamId}`;
    await reader.open(ask(target, undefined, { method: "GET", headers }));
    await relays.gateway.release(lastId);
    await reader.readToEnd();
    expectWhole(reader);
  });
});
