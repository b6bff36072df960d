import { describe, expect, test } from "vitest";
import { cli, gatestream, startGateway, wholeAnswer } from "./gatestream.ts";
import { runNode } from "./run-node.ts";
import { preload, startWorkers, textOf } from "./workers-under-test.ts";

describe("a stop of serve with workers", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "with %s lets running streams end in all of them, and ends with 0",
    async (signal) => {
      const under = await startWorkers(await startGateway({ tokensPerSecond: 100 }));
      const streams = await under.startTwoStreams();
      under.program.kill(signal);
      await under.untilLogged({ msg: "stopping", signal });
      for (const { response } of streams) expect(await textOf(response)).toMatch(wholeAnswer);
      expect(await under.program.ended(5_000)).toBe(0);
      expect(under.program.output()).toMatch(/"msg":"stopped"\}\n$/);
      const ended = under.log().filter(({ msg }) => msg === "worker ended");
      expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    },
  );

  test.each(["SIGTERM", "SIGINT"] as const)(
    "takes a %s to the whole group, as a terminal sends it, for one signal",
    async (signal) => {
      const under = await startWorkers(await startGateway({ tokensPerSecond: 100 }));
      const streams = await under.startTwoStreams();
      under.program.killAll(signal);
      for (const { response } of streams) expect(await textOf(response)).toMatch(wholeAnswer);
      expect(await under.program.ended(5_000)).toBe(0);
    },
  );

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("ends all at once with the second %s, with %d", async (signal, exitCode) => {
    const under = await startWorkers(await startGateway({ scenario: "stall" }));
    const streams = await under.startTwoStreams();
    under.program.killAll(signal);
    await under.untilLogged({ msg: "stopping" });
    const cut = streams.map(({ response }) => expect(textOf(response)).rejects.toThrow());
    under.program.killAll(signal);
    expect(await under.program.ended(5_000)).toBe(exitCode);
    await Promise.all(cut);
  });

  test("replaces no worker that ends meanwhile, and exits with 1", async () => {
    const under = await startWorkers(await startGateway({ tokensPerSecond: 100 }));
    const [lost, kept] = await under.startTwoStreams();
    under.program.kill("SIGTERM");
    await under.untilLogged({ msg: "stopping" });
    process.kill(await under.pidOf(lost.worker), "SIGKILL");
    await expect(textOf(lost.response)).rejects.toThrow();
    expect(await textOf(kept.response)).toMatch(wholeAnswer);
    expect(await under.program.ended(5_000)).toBe(1);
    const started = under.log().filter(({ msg }) => msg === "worker started");
    expect(started).toHaveLength(2);
  });

  test("before the first of them listens starts no other", async () => {
    const { variables } = await startGateway();
    const logForks = preload(
      "if (cluster.isWorker) process.stdout.write(`forked ${process.pid}\\n`);",
    );
    const program = runNode(
      [...logForks, cli, "serve", "--port", "0", "--workers", "2"],
      variables,
    );
    await program.match(/forked/);
    program.kill("SIGTERM");
    expect(await program.ended(10_000)).toBe(0);
    expect(program.output().match(/forked/g)).toHaveLength(1);
    expect(program.output()).not.toContain('"listening"');
  });

  test("before all of them listen is a stop like any other", async () => {
    const { variables } = await startGateway();
    const program = gatestream(["serve", "--port", "0", "--workers", "4"], variables);
    await program.match(/"worker started"/);
    program.killAll("SIGTERM");
    expect(await program.ended(10_000)).toBe(0);
    expect(program.output()).not.toContain('"listening"');
    expect(program.output()).toMatch(/"msg":"stopped"\}\n$/);
  });
});

test("a signal to a worker alone changes nothing", async () => {
  const under = await startWorkers(await startGateway({ tokensPerSecond: 100 }));
  const [one] = await under.startTwoStreams();
  process.kill(await under.pidOf(one.worker), "SIGTERM");
  expect(await textOf(one.response)).toMatch(wholeAnswer);
  const [again] = await under.startTwoStreams();
  expect([1, 2]).toContain(again.worker);
  under.program.kill("SIGTERM");
  expect(await under.program.ended(10_000)).toBe(0);
  expect(under.log().filter(({ msg }) => msg === "worker started")).toHaveLength(2);
});

test("when the first process is killed, the workers let their streams end and are gone", async () => {
  const under = await startWorkers(await startGateway({ tokensPerSecond: 100 }));
  const streams = await under.startTwoStreams();
  under.program.kill("SIGKILL");
  for (const { response } of streams) expect(await textOf(response)).toMatch(wholeAnswer);
  // It has ended when no process holds its output any more.
  expect(await under.program.ended(5_000)).toBe("SIGKILL");
  const logged = under.log().filter(({ msg }) => msg === "stopping: the first process is gone");
  expect(logged.map(({ worker }) => worker).toSorted()).toEqual([1, 2]);
  expect(under.program.output()).not.toContain("    at ");
});
