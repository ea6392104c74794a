import type { Command } from 'commander';
import { loadConfig } from '../server/config.ts';
import { examine } from '../server/doctor/examine.ts';
import type { Problem } from '../server/doctor/problem.ts';
import { EXIT } from './exit-codes.ts';
import { runCommand } from './run-command.ts';

const HELP = `
Looks at the configuration, the address and the port, the data folder and its disk, PostgreSQL and the server's role,
migrations, differences between the live schema and sql/schema.sql, row-level security, secrets, jobs, stuck work and every
organisation's settings. Says of each problem what it is, why it matters and what to type. Changes nothing. Exit code 4
when something is to be mended; a notice (!) alone is none. docs/doctor.md explains every problem.

  $ verve doctor
  $ verve doctor --json | jq '.findings[].problems[] | select(.level == "fault")'`;

/** `verve doctor`: says whether the installation is as it should be, and what to do where it is not. */
export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('examine configuration, roles and schema')
    .addHelpText('after', HELP);
  runCommand(command, async () => {
    const findings = await examine(loadConfig(process.env));
    const isHealthy = findings.every(({ problems }) => problems.every(({ level }) => level === 'notice'));
    const lines = [
      '✓ configuration',
      ...findings.flatMap(({ check, problems }) => [
        `${mark(problems)} ${check}`,
        ...problems.flatMap(({ what, why, mend }) => [
          `    ${what.replaceAll('\n', '\n    ')}`,
          `      ${why}`,
          `      → ${mend}`,
        ]),
      ]),
    ];
    return {
      text: lines.join('\n'),
      data: { healthy: isHealthy, findings },
      exitCode: isHealthy ? EXIT.done : EXIT.findings,
    };
  });
}

function mark(problems: readonly Problem[]): string {
  if (problems.length === 0) return '✓';
  return problems.some(({ level }) => level === 'fault') ? '✗' : '!';
}
