import type { Command } from 'commander';
import type { Difference } from '../engine/verification/difference.ts';
import { type Verification, verify } from '../engine/verification/service.ts';
import { EXIT } from './exit-codes.ts';
import { commandActor as actor, findOrganisation, type OrganisationOption, withEngine } from './open-engine.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

const HELP = `
Recounts every total, state, day, click count, review and milestone from the recorded facts and events, counts the
differences, and shows the first 100 of each check with the rows that cause them. Changes nothing, and can run beside a
busy server. Exit code 4 when something differs. Ids only, never a member id. docs/verify.md says what each check means
and what to do.

  $ verve verify                                  every organisation
  $ verve verify --organisation lydhor --json`;

/** `verve verify`: says whether what is stored is what the record says. */
export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .description('recount everything from the record, and show each difference')
    .option('--organisation <slug>', 'only this organisation')
    .addHelpText('after', HELP);
  runCommand<CommonOptions & OrganisationOption>(command, (options) =>
    withEngine(async (verve) => {
      const orgIds =
        options.organisation === undefined
          ? await verve.organisations.listIds()
          : [await findOrganisation(verve, options)];
      const verifications: Verified[] = [];
      for (const orgId of orgIds) {
        const { slug, name } = await verve.organisations.get({ orgId, actor });
        verifications.push({ ...(await verify(verve.parts.database, orgId)), slug, name });
      }
      const isSound = verifications.every((one) => one.total === 0);
      return {
        text: verifications.map(describe).join('\n\n') || 'There is no organisation yet: nothing to verify.',
        data: {
          sound: isSound,
          organisations: verifications.map(({ orgId, slug, name, checks, counts, differences }) => ({
            organisation_id: orgId,
            slug,
            name,
            checks,
            counts: Object.fromEntries(checks.map((check) => [check, counts.get(check) ?? 0])),
            differences: differences.map(toJson),
          })),
        },
        exitCode: isSound ? EXIT.done : EXIT.findings,
      };
    }),
  );
}

/** What was found, and of whom. */
type Verified = Verification & { slug: string; name: string };

const ROWS_SHOWN = 10;

function describe({ slug, name, checks, counts, differences }: Verified): string {
  const lines = checks.flatMap((check) => {
    const count = counts.get(check) ?? 0;
    if (count === 0) return [`✓ ${check}`];
    const own = differences.filter((difference) => difference.check === check);
    return [
      `✗ ${check}: ${count}${count > own.length ? `, of which the first ${own.length}` : ''}`,
      ...own.map(
        ({ subject, stored, recounted, storedIn, rows }) =>
          `    ${subject}: ${storedIn} says ${stored}, the record says ${recounted}${describeRows(rows)}`,
      ),
    ];
  });
  return [`${name} (${slug})`, ...lines].join('\n');
}

function describeRows(rows: readonly string[]): string {
  if (rows.length === 0) return '';
  const more = rows.length > ROWS_SHOWN ? ` and ${rows.length - ROWS_SHOWN} more` : '';
  return `\n      from ${rows.slice(0, ROWS_SHOWN).join(', ')}${more}`;
}

function toJson({ check, subject, stored, recounted, storedIn, rows }: Difference): Record<string, unknown> {
  return { check, subject, stored, recounted, stored_in: storedIn, rows };
}
