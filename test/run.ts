// The one command that checks everything. `npm test` runs lint, types and all tests (among them: generated files are
// unchanged, the architecture rules hold). `npm test -- test/codes.test.ts` runs only those files.
// The last line is the result: "123 passed, 0 failed" (", 2 skipped" where some were).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Report {
  numPassedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  success: boolean;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const selection = process.argv.slice(2);

function run(args: string[]): boolean {
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

function runCheck(name: string, args: string[]): Count {
  const isGood = run(args);
  console.log(`${isGood ? '✓' : '✗'} ${name}`);
  return { passed: isGood ? 1 : 0, failed: isGood ? 0 : 1, skipped: 0 };
}

function runTests(): Count {
  const directory = mkdtempSync(join(tmpdir(), 'verve-report-'));
  const file = join(directory, 'report.json');
  try {
    const isGood = run([
      'node_modules/vitest/vitest.mjs',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...selection,
    ]);
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    let failed = 0;
    for (const { status, assertionResults } of report.testResults) {
      const failures = assertionResults.filter((result) => result.status === 'failed').length;
      failed += status === 'failed' ? Math.max(failures, 1) : failures; // A file that does not load fails once.
    }
    if (!isGood && failed === 0) failed = 1; // An error outside of any test.
    return { passed: report.numPassedTests, failed, skipped: report.numPendingTests + report.numTodoTests };
  } catch (error) {
    console.error(`No report: ${(error as Error).message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const counts = [runTests()];
if (selection.length === 0) {
  counts.unshift(
    runCheck('lint', ['test/lint.ts']),
    runCheck('types', ['node_modules/typescript/bin/tsc', '--noEmit']),
  );
}
const sum = (key: keyof Count): number => counts.reduce((total, count) => total + count[key], 0);
const skipped = sum('skipped');
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = sum('failed') > 0 || sum('passed') === 0 ? 1 : 0;
