// `npm test`: installs what is missing, builds, runs every `test:*` script, and prints the totals.
// With --no-install it installs nothing.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { buildPackages, installDependencies, manifest, pnpm } from "./bootstrap.mjs";
import { prepareSystemPackages } from "./system-packages.mjs";

// npm takes `npm test --no-install` for a setting of its own, and hands it on in this variable.
const mayInstall =
  !process.argv.includes("--no-install") && process.env["npm_config_install"] !== "";
if (mayInstall) installDependencies();
prepareSystemPackages({ mayInstall });
buildPackages();

const reports = mkdtempSync(join(tmpdir(), "gatestream-test-"));
const outcomes = Object.keys(manifest.scripts)
  .filter((name) => name.startsWith("test:"))
  .map((name) => runSuite(name, join(reports, `${name.replace(":", "-")}.json`)));
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
 * @param {string} report
 */
function runSuite(name, report) {
  const startedAt = performance.now();
  const isGood = pnpm(["--silent", "run", name], { TEST_REPORT: report });
  const counts = existsSync(report)
    ? readReport(report)
    : { passed: isGood ? 1 : 0, failed: 0, skipped: 0, failures: [] };
  if (!isGood && counts.failed === 0) counts.failed = 1;
  return { name, seconds: ((performance.now() - startedAt) / 1000).toFixed(1), ...counts };
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
