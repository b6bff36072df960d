// `npm test`: installs what is missing, builds, runs every `test:*` script, and prints the totals.
// With --no-install it installs nothing.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { buildPackages, installDependencies, manifest, root } from "./bootstrap.mjs";
import { prepareSystemPackages } from "./system-packages.mjs";

// npm takes `npm test --no-install` for a setting of its own, and hands it on in this variable.
const mayInstall =
  !process.argv.includes("--no-install") && process.env["npm_config_install"] !== "";
if (mayInstall) installDependencies();
prepareSystemPackages({ mayInstall });
buildPackages();

/**
 * Scripts that run at the same time: the tests of the packages wait for installs and for processes, those
 * of the engines for one engine. Others are alone: their tests measure memory and time, or keep all
 * cores busy.
 */
const groups = [
  ["test:lint", "test:format", "test:types", "test:size"],
  ["test:packages", "test:engines"],
];

const reports = mkdtempSync(join(tmpdir(), "gatestream-test-"));
const outcomes = [];
const waiting = Object.keys(manifest.scripts).filter((name) => name.startsWith("test:"));
for (let name = waiting[0]; name !== undefined; name = waiting[0]) {
  const together = groups.find((group) => group.includes(name)) ?? [name];
  const suites = together.filter((member) => waiting.includes(member));
  for (const suite of suites) waiting.splice(waiting.indexOf(suite), 1);
  const isAlone = suites.length === 1;
  outcomes.push(...(await Promise.all(suites.map((suite) => runSuite(suite, isAlone)))));
}
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
 * @param {boolean} isAlone Whether its output is shown while it runs, and not at its end.
 */
async function runSuite(name, isAlone) {
  const startedAt = performance.now();
  const report = join(reports, `${name.replace(":", "-")}.json`);
  const isGood = await runScript(name, report, isAlone);
  const counts = existsSync(report)
    ? readReport(report)
    : { passed: isGood ? 1 : 0, failed: 0, skipped: 0, failures: [] };
  if (!isGood && counts.failed === 0) counts.failed = 1;
  return { name, seconds: ((performance.now() - startedAt) / 1000).toFixed(1), ...counts };
}

/**
 * @param {string} name
 * @param {string} report
 * @param {boolean} isAlone
 */
async function runScript(name, report, isAlone) {
  const child = spawn("npx", ["--yes", manifest.packageManager, "--silent", "run", name], {
    cwd: root,
    stdio: ["inherit", isAlone ? "inherit" : "pipe", isAlone ? "inherit" : "pipe"],
    env: { ...process.env, TEST_REPORT: report },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (/** @type {string} */ text) => (output += text));
  }
  const [exitCode] = await once(child, "close");
  process.stdout.write(output);
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
