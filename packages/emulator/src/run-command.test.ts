import { expect, test } from "vitest";

import { runCommand } from "./run-command.ts";
import { basic, startGateway } from "./testing/gateway.ts";

function command(...args: string[]) {
  const stop = new AbortController();
  const errors: string[] = [];
  let exitCode = Promise.resolve(NaN);
  const printed = new Promise<string>((print) => {
    exitCode = runCommand(args, {
      version: "1.2.3",
      print,
      printError: (text) => errors.push(text),
      stop: stop.signal,
    });
  });
  return { stop, printed, errors, exitCode };
}

test("it prints the lines that point the relay at it, serves, and stops with 0", async () => {
  const running = command("--port", "0", "--client-id", "me", "--client-secret", "hush");
  const text = await running.printed;
  const url = /^ {2}GENESYS_LOGIN_URL=(.+)$/m.exec(text)?.[1] ?? "";
  expect(text).toContain(`listens on ${url}\n`);
  expect(text).toContain(
    `  GENESYS_API_URL=${url}\n  GENESYS_CLIENT_ID=me\n  GENESYS_CLIENT_SECRET=hush\n`,
  );
  expect(text).toContain(`  OPENAI_BASE_URL=${url}/v1\n  OPENAI_API_KEY=demo-key\n`);
  expect(text).toContain(`  ANTHROPIC_BASE_URL=${url}\n  ANTHROPIC_API_KEY=demo-key\n`);
  const response = await fetch(`${url}/oauth/token`, {
    method: "POST",
    headers: { authorization: basic("me", "hush") },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  expect(response.status).toBe(200);
  running.stop.abort();
  expect(await running.exitCode).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
});

test("a port in use is reported in one line, and exits with 1", async () => {
  await using gateway = await startGateway();
  const { port } = new URL(gateway.url);
  const { errors, exitCode } = command("--port", port);
  expect(await exitCode).toBe(1);
  expect(errors.join("")).toMatch(/EADDRINUSE.*Choose another --port or --host\.\n$/);
});

test("an invalid value is reported, and exits with 2", async () => {
  const { errors, exitCode } = command("--port", "none");
  expect(await exitCode).toBe(2);
  expect(errors.join("")).toContain("--port");
});

test("the version is printed with 0", async () => {
  const { printed, exitCode } = command("--version");
  expect(await exitCode).toBe(0);
  expect(await printed).toBe("1.2.3\n");
});
