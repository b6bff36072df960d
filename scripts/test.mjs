// `npm test`: installs what is missing, builds, runs every `test:*` script, and prints the totals.
// With --no-install it installs nothing.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, setPriority, tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";
import { buildPackages, installDependencies, manifest, root } from "./bootstrap.mjs";
import { prepareSystemPackages } from "./system-packages.mjs";

// npm takes `npm test --no-install` for a setting of its own, and hands it on in this variable.
const mayInstall =
  !process.argv.includes("--no-install") && process.env["npm_config_install"] !== "";
if (mayInstall) installDependencies();
prepareSystemPackages({ mayInstall });
buildPackages();

/** They only work; the others wait as much: for a lease to lapse, a process to start, a browser to answer. */
const staticSuites = ["test:lint", "test:format", "test:types", "test:size"];
/** Their tests measure time and memory: they get the processor first, the others what these leave. */
const firstServed = ["test:unit", "test:client"];

const reports = mkdtempSync(join(tmpdir(), "gatestream-test-"));
const suites = Object.keys(manifest.scripts).filter((name) => name.startsWith("test:"));
/** @type {(Counts & { name: string, seconds: string, failures: string[] })[]} */
const outcomes = [];
for (const name of staticSuites) await runSuite(name);
await Promise.all(suites.filter((name) => !staticSuites.includes(name)).map(runSuite));
rmSync(reports, { recursive: true });

process.stdout.write("\n");
for (const failure of outcomes.flatMap(({ failures }) => failures)) {
  process.stdout.write(`${failure}\n\n`);
}
for (const { name, seconds, ...counts } of outcomes) {
  process.stdout.write(`${name.padEnd(16)} ${seconds.padStart(6)} s  ${inWords(counts)}\n`);
}
const total = outcomes.reduce(add, { passed: 0, failed: 0, skipped: 0 });
process.stdout.write(`\n${inWords(total)}\n`);
process.exitCode = total.failed > 0 ? 1 : 0;

/**
 * Runs one script. One that writes a report counts as many tests as the report has, any other as
 * one; a script that fails without a failed test, because it could not even begin, counts as one.
 *
 * @param {string} name
 */
async function runSuite(name) {
  process.stdout.write(`${name} …\n`);
  const startedAt = performance.now();
  const report = join(reports, `${name.replace(":", "-")}.json`);
  const isGood = await runScript(name, report);
  const counts = existsSync(report)
    ? readReport(report)
    : { passed: isGood ? 1 : 0, failed: 0, skipped: 0, failures: [] };
  if (!isGood && counts.failed === 0) counts.failed = 1;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  outcomes.push({ name, seconds, ...counts });
}

/**
 * Runs a script as pnpm would, which takes longer to start than some scripts to run. Its output is
 * shown at its end: that of several at once could not be read.
 *
 * @param {string} name
 * @param {string} report
 */
async function runScript(name, report) {
  const command = manifest.scripts[name]?.replace(
    /^pnpm /,
    `npx --yes ${manifest.packageManager} `,
  );
  const path = [join(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  const child = spawn(command ?? "", {
    cwd: root,
    shell: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH: path, TEST_REPORT: report },
  });
  if (!firstServed.includes(name) && child.pid !== undefined) {
    setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  }
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => (output += text));
  }
  const [exitCode] = await once(child, "close");
  process.stdout.write(`\n${name}\n${output}`);
  return exitCode === 0;
}

/** @param {string} report Where vitest wrote its JSON report. */
function readReport(report) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(report, "utf8"),
  );
  return {
    passed: numPassedTests,
    failed: numFailedTests,
    skipped: numPendingTests + numTodoTests,
    failures: testResults.flatMap(failuresOfFile),
  };
}

/**
 * What failed in one file, for those who have only the end of the output.
 *
 * @param {{ name: string, message: string, assertionResults: { fullName: string, failureMessages: string[] }[] }} file
 * @returns {string[]}
 */
function failuresOfFile({ name, message, assertionResults }) {
  const path = relative(process.cwd(), name);
  const failures = assertionResults
    .filter(({ failureMessages }) => failureMessages.length > 0)
    .map(({ fullName, failureMessages }) => `${path}: ${fullName}\n${failureMessages.join("\n")}`);
  return message ? [`${path}: ${message}`, ...failures] : failures;
}

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @param {Counts} sum
 * @param {Counts} counts
 * @returns {Counts}
 */
function add(sum, counts) {
  return {
    passed: sum.passed + counts.passed,
    failed: sum.failed + counts.failed,
    skipped: sum.skipped + counts.skipped,
  };
}

/** @param {Counts} counts */
function inWords({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
