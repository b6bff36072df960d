import { describe, expect, test } from "vitest";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import { closedPort, startTcpServer } from "../../../relay/src/gateway/testing/servers.ts";
import { checkRedis } from "./redis.ts";

describe.skipIf(whyNoRedis)(`a Redis server ${whyNoRedis ?? ""}`, () => {
  test("that answers is reported without the password of its address", async () => {
    await using server = await startRedis("my-own-secret");
    const url = server.url.replace("//", "//:my-own-secret@");
    expect(await checkRedis(url)).toEqual({
      what: `Redis ${new URL(url).host}`,
      outcome: "ok",
      message: "answers",
    });
  });

  test("that refuses the password is reported, without it", async () => {
    await using server = await startRedis("my-own-secret");
    const finding = await checkRedis(server.url.replace("//", "//:other-secret@"));
    expect(finding).toMatchObject({
      outcome: "failed",
      message: expect.stringContaining("WRONGPASS"),
    });
    expect(JSON.stringify(finding)).not.toMatch(/my-own-secret|other-secret/);
  });
});

test("a port without a listener, or of a server other than Redis, is reported with the remedy", async () => {
  await using other = await startTcpServer((socket) =>
    socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
  );
  const cases = [
    [await closedPort(), /nobody listens there.+ECONNREFUSED/],
    [other.port, /^Redis is away/],
  ] as const;
  for (const [port, told] of cases) {
    const { what, outcome, message } = await checkRedis(`redis://127.0.0.1:${port}`);
    expect({ what, outcome }).toEqual({ what: `Redis 127.0.0.1:${port}`, outcome: "failed" });
    expect(message).toMatch(told);
    expect(message).toMatch(/\. GATESTREAM_REDIS_URL says where it is\.$/);
  }
});
