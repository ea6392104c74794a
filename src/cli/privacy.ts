import type { Command } from 'commander';
import { snakeCase } from '../engine/snake-case.ts';
import type { Verve } from '../engine/verve.ts';
import { checkBackup } from '../server/backup/check-backup.ts';
import { eraseAgainFrom, tellErasedAgain } from './erase-again.ts';
import { commandActor as actor, findOrganisation, type OrganisationOption, withEngine } from './open-engine.ts';
import { DASH_EXPLAINED, readMemberIds } from './read-member-ids.ts';
import { type CommonOptions, runCommand } from './run-command.ts';
import { UsageError } from './usage-error.ts';

interface Options extends CommonOptions, OrganisationOption {
  readonly member?: string;
  readonly mentor?: string;
}

const HELP = `
  $ verve privacy export --member 10293 > person.json     everything about one member id
  $ verve privacy export --mentor 0b0b0b0b-0000-4000-8000-000000000002
  $ verve privacy erase --member 10293 --yes              who it was goes, every count stays; cannot be undone
  $ echo 10293 | verve privacy erase --member - --yes     the member id from standard input
  $ verve privacy erase-again today.backup --yes          after restoring an older backup: whom this later one knows as erased

${DASH_EXPLAINED}

docs/privacy.md says what goes.`;

/** `verve privacy …`: what a person may ask an organisation for. */
export function addPrivacy(program: Command): void {
  const privacy = program
    .command('privacy')
    .description('export and erasure of one person')
    .addHelpText('afterAll', HELP);
  const add = (name: string, description: string) =>
    privacy
      .command(name)
      .description(description)
      .option('--member <id>', 'the member id, as the membership system writes it; - reads it from standard input')
      .option('--mentor <id>', 'the mentor’s id')
      .option('--organisation <slug>', 'whose; not needed where there is only one organisation');

  runCommand<Options>(add('export', 'print everything about one person as JSON'), async (options) => {
    const subject = await readSubject(options);
    return withEngine(async (verve) => {
      const exported = await exportPerson(verve, subject, options);
      const data = { subject: exported.subject, exported_at: exported.exportedAt, tables: exported.tables };
      return { text: JSON.stringify(data, null, 2), data };
    });
  });

  const erase = add('erase', 'remove who a person was; keeps every count').option('--yes', 'it is meant');
  runCommand<Options & { yes?: boolean }>(erase, async (options) => {
    const subject = await readSubject(options);
    if (options.yes !== true) throw new UsageError('This cannot be undone. If it is meant, add: --yes');
    return withEngine(async (verve) => {
      const { outcome } = await erasePerson(verve, subject, options);
      return { text: sentences[outcome], data: { outcome: snakeCase(outcome) } };
    });
  });

  const again = privacy
    .command('erase-again <backup>')
    .description('erase again whom a later backup knows as erased, after an older one was restored')
    .option('--yes', 'it is meant');
  runCommand<CommonOptions & { yes?: boolean }>(again, async (options, path = '') => {
    if (options.yes !== true) throw new UsageError('This cannot be undone. If it is meant, add: --yes');
    await checkBackup(path);
    return withEngine(async (verve) => {
      const erased = await eraseAgainFrom(verve, path);
      return { text: tellErasedAgain(erased), data: erased };
    });
  });
}

const sentences = {
  erased: 'Erased. Every count stays as it was.',
  alreadyErased: 'It was erased already.',
  notFound: 'Nothing is held about this person.',
} as const;

type Subject = { memberId: string } | { mentorId: string };

async function readSubject({ member, mentor }: Options): Promise<Subject> {
  if (member !== undefined && mentor === undefined) return { memberId: (await readMemberIds([member]))[0] as string };
  if (mentor !== undefined && member === undefined) return { mentorId: mentor };
  throw new UsageError('Say who: either --member ID or --mentor ID');
}

async function exportPerson(verve: Verve, subject: Subject, options: Options) {
  const orgId = await findOrganisation(verve, options);
  return 'memberId' in subject
    ? verve.privacy.exportMember({ orgId, actor, ...subject })
    : verve.privacy.exportMentor({ orgId, actor, ...subject });
}

async function erasePerson(verve: Verve, subject: Subject, options: Options) {
  const orgId = await findOrganisation(verve, options);
  return 'memberId' in subject
    ? verve.privacy.eraseMember({ orgId, actor, ...subject })
    : verve.privacy.eraseMentor({ orgId, actor, ...subject });
}
