import type { Command } from 'commander';
import type { Verve } from '../engine/verve.ts';
import { signInUrl } from '../http/dashboard/sign-in-url.ts';
import { loadConfig } from '../server/config.ts';
import { commandActor as actor, findOrganisation, type OrganisationOption, withEngine } from './open-engine.ts';
import { type CommonOptions, runCommand } from './run-command.ts';
import { UsageError } from './usage-error.ts';

interface WhoOptions extends CommonOptions, OrganisationOption {
  readonly user?: string;
  readonly mentor?: string;
}

interface LinkOptions extends WhoOptions {
  readonly makeAdmin?: boolean;
}

interface AddressOptions extends WhoOptions {
  readonly email?: string;
  readonly remove?: boolean;
}

const LINK_HELP = `
The link works once, within 15 minutes, and opens a session as that person: give it to nobody else. It leaves an entry on the
audit log. Without --user or --mentor it is for the organisation's only administrator.

  $ verve sign-in-link
  $ verve sign-in-link --organisation lydhor --mentor 0b0b0b0b-0000-4000-8000-000000000002
  $ verve sign-in-link --organisation lydhor --make-admin     a new administrator, where there is none`;

/** `verve sign-in-link`: a way into the dashboard where no mail is set up. */
export function addSignInLink(program: Command): void {
  const command = program
    .command('sign-in-link')
    .description('make a link that signs a person in to the dashboard once')
    .option('--organisation <slug>', 'where; not needed where there is only one organisation')
    .option('--user <id>', 'the account of somebody with a role')
    .option('--mentor <id>', 'a mentor; gets an account where there is none yet')
    .option('--make-admin', 'make a new administrator and sign in as that one')
    .addHelpText('after', LINK_HELP);
  runCommand<LinkOptions>(command, (options) =>
    withEngine(async (verve) => {
      const orgId = await findOrganisation(verve, options);
      const userId =
        options.makeAdmin === true ? await makeAdministrator(verve, orgId) : await findPerson(verve, orgId, options);
      const { token } = await verve.signIn.makeLink({ orgId, actor, userId });
      const { slug } = await verve.organisations.get({ orgId, actor });
      const url = signInUrl(loadConfig(process.env).publicUrl, slug, token);
      return { text: `${url}\n\nWorks once, within 15 minutes.`, data: { url, user_id: userId, organisation: slug } };
    }),
  );
}

const ADDRESS_HELP = `
Sign-in links are sent there when the person asks for one at /app/sign-in. The address is kept encrypted. Changing or removing
it signs the person out.

  $ verve sign-in-address --organisation lydhor --mentor 0b0b0b0b-0000-4000-8000-000000000002 --email solveig@epost.example
  $ verve sign-in-address --organisation lydhor --user 3f2b1c0d-0000-4000-8000-000000000010 --remove`;

/** `verve sign-in-address`: where a person's sign-in links go. */
export function addSignInAddress(program: Command): void {
  const command = program
    .command('sign-in-address')
    .description('say to which e-mail address a person’s sign-in links go')
    .option('--organisation <slug>', 'where; not needed where there is only one organisation')
    .option('--user <id>', 'the account of somebody with a role')
    .option('--mentor <id>', 'a mentor; gets an account where there is none yet')
    .option('--email <address>', 'the address')
    .option('--remove', 'forget the address')
    .addHelpText('after', ADDRESS_HELP);
  runCommand<AddressOptions>(command, (options) =>
    withEngine(async (verve) => {
      const { email, remove } = options;
      if ((email === undefined) === (remove !== true)) throw new UsageError('Give either --email or --remove.');
      const orgId = await findOrganisation(verve, options);
      const userId = await findPerson(verve, orgId, options);
      const { outcome } =
        email === undefined
          ? await verve.signIn.removeAddress({ orgId, actor, userId })
          : await verve.signIn.setAddress({ orgId, actor, userId, email });
      const text = { set: 'The address was set.', removed: 'The address was removed.', notSet: 'There was none.' }[
        outcome
      ];
      return { text, data: { outcome, user_id: userId } };
    }),
  );
}

async function makeAdministrator(verve: Verve, orgId: string): Promise<string> {
  const userId = crypto.randomUUID();
  await verve.roles.grant({ orgId, actor, userId, role: 'org_admin' });
  return userId;
}

/** Whom the options name. A mentor without an account gets one: an id that only Verve knows. */
async function findPerson(verve: Verve, orgId: string, { user, mentor: mentorId }: WhoOptions): Promise<string> {
  if (user !== undefined && mentorId !== undefined) throw new UsageError('Give --user or --mentor, not both.');
  if (user !== undefined) return user;
  if (mentorId !== undefined) {
    const mentor = await verve.mentors.get({ orgId, actor, mentorId });
    if (mentor.userId !== null) return mentor.userId;
    const userId = crypto.randomUUID();
    await verve.mentors.update({ orgId, actor, mentorId, change: { userId } });
    return userId;
  }
  const admins = (await verve.roles.list({ orgId, actor })).filter(({ role }) => role === 'org_admin');
  const [only] = admins;
  if (only !== undefined && admins.length === 1) return only.userId;
  throw new UsageError(
    only === undefined
      ? 'The organisation has no administrator yet. Make one: verve sign-in-link --make-admin'
      : `There are several administrators. Say who: ${admins.map(({ userId }) => `--user ${userId}`).join(' or ')}`,
  );
}
