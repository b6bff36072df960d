import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { cli, gatestream, startGateway, wholeAnswer } from "./gatestream.ts";
import { runNode } from "./run-node.ts";
import { preload, startWorkers, textOf } from "./workers-under-test.ts";

/** Variables of a relay that sends no request to a gateway. */
const variables = {
  GENESYS_CLIENT_ID: "id",
  GENESYS_CLIENT_SECRET: "secret",
  GENESYS_ENVIRONMENT: "mypurecloud.de",
};

test("two processes answer at one port", async () => {
  const under = await startWorkers(await startGateway({ tokensPerSecond: 0 }));
  const streams = await under.startTwoStreams();
  for (const { response } of streams) expect(await textOf(response)).toMatch(wholeAnswer);
  const pids = await Promise.all(streams.map(({ worker }) => under.pidOf(worker)));
  expect(new Set(pids).size).toBe(2);
  expect(await under.untilLogged({ msg: "listening" })).toMatchObject({
    url: under.url,
    workers: 2,
  });
});

test("a worker that dies is replaced, and the streams of the others go on", async () => {
  const under = await startWorkers(await startGateway({ tokensPerSecond: 50 }));
  const [lost, kept] = await under.startTwoStreams();
  await under.metrics();
  process.kill(await under.pidOf(lost.worker), "SIGKILL");
  await expect(textOf(lost.response)).rejects.toThrow();
  expect(await textOf(kept.response)).toMatch(wholeAnswer);
  await under.untilLogged({ msg: "stream_ended", streamId: kept.loggedId });

  expect(await under.untilLogged({ msg: "worker ended" })).toMatchObject({
    worker: lost.worker,
    signal: "SIGKILL",
    restartInMs: 100,
  });
  const pid = await under.pidOf(3);
  expect(pid).not.toBe(await under.pidOf(lost.worker));
  const messages = [{ role: "user", content: "/scenario stall" }];
  const [one, other] = await under.startTwoStreams({ messages });
  expect([one.worker, other.worker].toSorted()).toEqual([kept.worker, 3]);

  // What the dead one had counted still counts, what it had under way does not.
  const { value } = await under.metrics();
  const started = under.log().filter(({ msg }) => msg === "stream_started");
  expect(value("gatestream_streams_started_total")).toBe(started.length);
  expect(value("gatestream_active_streams")).toBe(2);
});

test("a replacement that cannot begin is tried again, later each time", async () => {
  const broken = preload("if (cluster.worker?.id > 2) process.exit(7);");
  const gateway = await startGateway({ tokensPerSecond: 0 });
  const args = [...broken, cli, "serve", "--port", "0", "--workers", "2"];
  const program = runNode(args, gateway.variables);
  const [, pid] = await program.match(/"worker":1,"pid":(\d+),"msg":"worker started"/);
  const [, url = ""] = await program.match(/"url":"([^"]+)"/);
  process.kill(Number(pid), "SIGKILL");
  await program.match(
    /"SIGKILL".*"restartInMs":100,[^]*"exitCode":7,.*"restartInMs":200,[^]*"exitCode":7,.*"restartInMs":400,/,
  );
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  program.kill("SIGTERM");
  expect(await program.ended(5_000)).toBe(0);
  // Only the one that ran, and perhaps a try that had just been made: there is no further one.
  const [, afterwards = ""] = program.output().split('"stopping"');
  const ends = afterwards.split("\n").filter((line) => line.includes('"worker ended"'));
  expect(ends.filter((line) => !line.includes('"exitCode":7'))).toHaveLength(1);
  expect(ends.filter((line) => line.includes('"restartInMs"'))).toEqual([]);
});

test("any scraped worker returns the sum of all", async () => {
  const under = await startWorkers(await startGateway({ scenario: "stall" }));
  const streams = await under.startTwoStreams();
  const first = await under.metrics();
  const started = first.value("gatestream_streams_started_total");
  for (let scrape = 0; scrape < 4; scrape += 1) {
    const { value, families } = await under.metrics();
    expect(value("gatestream_streams_started_total")).toBe(started);
    expect(value("gatestream_active_streams")).toBe(streams.length);
    const build = families.find(({ name }) => name === "gatestream_build_info");
    expect(build?.samples.map((sample) => sample.value)).toEqual([1]);
  }
  // Three processes of Node.
  expect(first.value("process_resident_memory_bytes")).toBeGreaterThan(3 * 30 * 1_048_576);
});

test("a worker that does not answer is reported with its last values, with the others", async () => {
  const under = await startWorkers(await startGateway({ scenario: "stall" }));
  const [frozen] = await under.startTwoStreams();
  const before = await under.metrics();
  process.kill(await under.pidOf(frozen.worker), "SIGSTOP");
  // One connection waits for the worker that does not take it; the next goes to the other.
  const scrapes = [under.metrics(), under.metrics()];
  const { value } = await Promise.any(scrapes);
  for (const series of ["gatestream_streams_started_total", "gatestream_active_streams"]) {
    expect(value(series)).toBe(before.value(series));
  }
  process.kill(await under.pidOf(frozen.worker), "SIGCONT");
  await Promise.all(scrapes);
});

test("connections beyond the workers' shares are closed, not handed round", async () => {
  const under = await startWorkers(await startGateway(), "--max-connections", "2");
  const port = Number(new URL(under.url).port);
  const sockets = Array.from({ length: 6 }, () => connect(port, "127.0.0.1"));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  let closed = 0;
  await new Promise<void>((resolve) => {
    for (const socket of sockets) {
      socket.resume().on("error", () => {});
      socket.once("close", () => {
        closed += 1;
        if (closed === 4) resolve();
      });
    }
  });
});

test("all invalid options are reported once, and nothing is started", async () => {
  const args = ["serve", "--workers", "4", "--resume", "memory", "--requests-per-minute", "3"];
  const program = gatestream([...args, "--port", "many"], variables);
  expect(await program.ended()).toBe(1);
  const [first, ...problems] = program.output().trimEnd().split("\n");
  expect(first).toBe("The relay cannot start:");
  expect(problems).toEqual([
    expect.stringContaining("port"),
    expect.stringContaining("requestsPerMinute"),
    expect.stringContaining("resume"),
  ]);
});

test("a port in use is reported in one sentence, and exits with 1", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const program = gatestream(["serve", "--workers", "3", "--port", String(port)], variables);
  expect(await program.ended()).toBe(1);
  const [, ...lines] = program.output().split("\n");
  expect(lines).toEqual([
    `Port ${port} of 127.0.0.1 is taken: stop what listens there, or choose another with PORT or --port.`,
    "",
  ]);
});

test.each([1, 2])("worker %d, which cannot begin, ends all of them with 1", async (worker) => {
  const broken = preload(`if (cluster.worker?.id === ${worker}) process.exit(7);`);
  const args = [...broken, cli, "serve", "--port", "0", "--workers", "3"];
  const program = runNode([...args, "--log-level", "silent"], variables);
  expect(await program.ended()).toBe(1);
  expect(program.output()).toBe("A worker ended with 7 before it listened.\n");
});
