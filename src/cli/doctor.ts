import type { Command } from 'commander';
import { loadConfig } from '../server/config.ts';
import { examine } from '../server/doctor.ts';
import { EXIT } from './exit-codes.ts';
import { runCommand } from './run-command.ts';

const HELP = `
Looks at the configuration, the server's database role (neither superuser nor owner), migrations, differences between
the live schema and sql/schema.sql, and row-level security. Changes nothing. Exit code 4 when something was found.

  $ verve doctor
  $ verve doctor --json | jq '.findings[] | select(.problems != [])'`;

/** `verve doctor`: says whether the installation is as it should be, and what to do where it is not. */
export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('examine configuration, roles and schema')
    .addHelpText('after', HELP);
  runCommand(command, async () => {
    const findings = await examine(loadConfig(process.env));
    const isHealthy = findings.every((finding) => finding.problems.length === 0);
    const lines = [
      '✓ configuration',
      ...findings.flatMap(({ check, problems }) => [
        `${problems.length === 0 ? '✓' : '✗'} ${check}`,
        ...problems.map((problem) => `    ${problem.replaceAll('\n', '\n    ')}`),
      ]),
    ];
    return {
      text: lines.join('\n'),
      data: { healthy: isHealthy, findings },
      exitCode: isHealthy ? EXIT.done : EXIT.findings,
    };
  });
}
