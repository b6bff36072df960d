import { expect, test } from "vitest";
import { question } from "@gatestream/testing/ask";
import { isNginxInstalled, startNginx } from "@gatestream/testing/nginx";
import { startRelay } from "@gatestream/testing/relay-under-test";
import { openPage } from "@gatestream/testing/socket-page";

const replaced = { "proxy_read_timeout 60s;": "proxy_read_timeout 1s;" };

test.skipIf(!isNginxInstalled)(
  "behind nginx a socket opens, tokens pass, heartbeats carry it over a silence, leaving arrives",
  async () => {
    await using under = await startRelay({ heartbeatMs: 300, emulator: { scenario: "stall" } });
    await using nginx = await startNginx(under.url, { replaced });
    using page = await openPage(nginx.url);
    page.send({ op: "start", ref: "a", body: question("Hello") });
    await page.until(({ id }) => id === 8);
    await page.until(() => page.frames.filter(({ type }) => type === "heartbeat").length > 4);
    page.send({ op: "start", ref: "b", body: question("/scenario many-tokens 3") });
    expect(await page.untilEnd("b")).toMatchObject({ type: "stop", id: 4 });
    page.webSocket.terminate();
    await under.emulator.waitFor(({ kind, state }) => kind === "chat" && state === "aborted");
  },
);
