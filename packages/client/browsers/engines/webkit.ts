import { spawn, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import type { Engine, EngineKind } from "./engine.ts";
import { findProgram, missing } from "./programs.ts";
import { openSession } from "./webdriver.ts";
import { openWebkitPage } from "./webkit-page.ts";

const programs = {
  WebKitWebDriver: findProgram("WEBKITWEBDRIVER_PATH", "/usr/bin/WebKitWebDriver"),
  "xvfb-run": findProgram("XVFB_RUN_PATH", "/usr/bin/xvfb-run"),
  xauth: findProgram("XAUTH_PATH", "/usr/bin/xauth"),
  MiniBrowser: findProgram("MINIBROWSER_PATH", ...usualMiniBrowsers()),
};

/** WebKit's GTK port with its own small browser, in a screen of memory: it has no headless mode. */
export const webkit: EngineKind = {
  name: "WebKit",
  whyMissing: missing(programs),
  async launch() {
    // Below the ports that the system gives away.
    const port = randomInt(20_000, 32_000);
    const driver = spawn(
      programs["xvfb-run"] ?? "",
      ["--auto-servernum", programs.WebKitWebDriver ?? "", `--port=${port}`],
      {
        env: {
          ...process.env,
          // Its sandbox wants namespaces that containers do not give.
          WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
          // Without a GPU, composing layers takes longer than painting the page.
          WEBKIT_DISABLE_COMPOSITING_MODE: "1",
        },
        stdio: "ignore",
        // A group of its own: the screen, the driver and the browser end together.
        detached: true,
      },
    );
    endWithTests(driver);
    try {
      return await createWebkitEngine(driver, `http://127.0.0.1:${port}`);
    } catch (failure) {
      await end(driver);
      throw failure;
    }
  },
};

async function createWebkitEngine(driver: ChildProcess, driverUrl: string): Promise<Engine> {
  const browserOptions = { binary: programs.MiniBrowser, args: ["--automation"] };
  const session = await openSession(
    driverUrl,
    { "webkitgtk:browserOptions": browserOptions },
    AbortSignal.timeout(20_000),
  );
  await session.send("POST", "/timeouts", { script: 60_000 });
  // It stays open: new windows are asked for from one that exists.
  const firstHandle = await session.send<string>("GET", "/window");
  return {
    version: session.browserVersion,
    impossible: {
      offline: "WebDriver cannot take the network away",
      memory: "WebDriver tells nothing of the heap",
    },
    async open(url) {
      await session.send("POST", "/window", { handle: firstHandle });
      return openWebkitPage(session, url);
    },
    async close() {
      await session.send("DELETE", "");
      await end(driver);
    },
  };
}

function usualMiniBrowsers(): readonly string[] {
  const libraries = "/usr/lib";
  return readdirSync(libraries)
    .filter((name) => name.endsWith("-linux-gnu"))
    .flatMap((name) =>
      ["webkit2gtk-4.1", "webkit2gtk-4.0", "webkitgtk-6.0"].map(
        (version) => `${libraries}/${name}/${version}/MiniBrowser`,
      ),
    );
}

async function end(driver: ChildProcess): Promise<void> {
  if (driver.pid === undefined || driver.exitCode !== null || driver.signalCode !== null) return;
  const exited = once(driver, "exit");
  process.kill(-driver.pid, "SIGTERM");
  await exited;
}

/** Also when the tests' process is killed, which runs nothing of its own any more. */
function endWithTests(driver: ChildProcess): void {
  // A pipe ends with the process that holds its other side.
  const guard = spawn("sh", ["-c", `read -r _; kill -- -${driver.pid}`], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  driver.once("exit", () => guard.kill());
}
