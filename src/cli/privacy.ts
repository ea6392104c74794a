import type { Command } from 'commander';
import type { Verve } from '../engine/verve.ts';
import { checkBackup } from '../server/backup/check-backup.ts';
import { ConfigError } from '../server/config.ts';
import { eraseAgainFrom, tellErasedAgain } from './erase-again.ts';
import { commandActor as actor, findOrganisation, type OrganisationOption, withEngine } from './open-engine.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

interface Options extends CommonOptions, OrganisationOption {
  readonly member?: string;
  readonly mentor?: string;
}

const HELP = `
  $ verve privacy export --member 10293 > person.json     everything about one member id
  $ verve privacy export --mentor 0b0b0b0b-0000-4000-8000-000000000002
  $ verve privacy erase --member 10293 --yes              who it was goes, every count stays; cannot be undone
  $ verve privacy erase-again today.backup --yes          after restoring an older backup: whom this later one knows as erased

All but the last take --organisation SLUG, which is not needed where there is only one organisation. docs/privacy.md says what goes.`;

/** `verve privacy …`: what a person may ask an organisation for. */
export function addPrivacy(program: Command): void {
  const privacy = program.command('privacy').description('export and erasure of one person').addHelpText('after', HELP);
  const add = (name: string, description: string) =>
    privacy
      .command(name)
      .description(description)
      .option('--member <id>', 'the member id, as the membership system writes it')
      .option('--mentor <id>', 'the mentor’s id')
      .option('--organisation <slug>', 'the organisation');

  runCommand<Options>(add('export', 'print everything about one person as JSON'), (options) =>
    withEngine(async (verve) => {
      const exported = await exportPerson(verve, options);
      const data = { subject: exported.subject, exported_at: exported.exportedAt, tables: exported.tables };
      return { text: JSON.stringify(data, null, 2), data };
    }),
  );

  const erase = add('erase', 'remove who a person was; keeps every count').option('--yes', 'it is meant');
  runCommand<Options & { yes?: boolean }>(erase, (options) => {
    readSubject(options);
    if (options.yes !== true) throw new ConfigError(['This cannot be undone. If it is meant, add: --yes']);
    return withEngine(async (verve) => {
      const { outcome } = await erasePerson(verve, options);
      return { text: sentences[outcome], data: { outcome } };
    });
  });

  const again = privacy
    .command('erase-again <backup>')
    .description('erase again whom a later backup knows as erased, after an older one was restored')
    .option('--yes', 'it is meant');
  runCommand<CommonOptions & { yes?: boolean }>(again, async (options, path = '') => {
    if (options.yes !== true) throw new ConfigError(['This cannot be undone. If it is meant, add: --yes']);
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

function readSubject({ member, mentor }: Options): { memberId: string } | { mentorId: string } {
  if (member !== undefined && mentor === undefined) return { memberId: member };
  if (mentor !== undefined && member === undefined) return { mentorId: mentor };
  throw new ConfigError(['Say who: either --member ID or --mentor ID']);
}

async function exportPerson(verve: Verve, options: Options) {
  const subject = readSubject(options);
  const orgId = await findOrganisation(verve, options);
  return 'memberId' in subject
    ? verve.privacy.exportMember({ orgId, actor, ...subject })
    : verve.privacy.exportMentor({ orgId, actor, ...subject });
}

async function erasePerson(verve: Verve, options: Options) {
  const subject = readSubject(options);
  const orgId = await findOrganisation(verve, options);
  return 'memberId' in subject
    ? verve.privacy.eraseMember({ orgId, actor, ...subject })
    : verve.privacy.eraseMentor({ orgId, actor, ...subject });
}
