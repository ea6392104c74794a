import type { Command } from 'commander';
import type { Relinked } from '../engine/attributions/relink.ts';
import { snakeCase } from '../http/wire.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { commandActor as actor, findOrganisation, type OrganisationOption, withEngine } from './open-engine.ts';
import { DASH_EXPLAINED, readMemberIds } from './read-member-ids.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

const HELP = `
  $ verve member relink 10293 48811              10293 was merged into 48811: whatever names the old id reaches the new
  $ verve member relink - - < two-ids.txt        the old id and the new one from standard input, one a line

Safe to repeat. Joined ids stay joined.

${DASH_EXPLAINED}

Exit code 4: both members were credited to somebody, both credits stand, and a case in the inbox lets a coordinator decide; or
one of them was erased, and nothing was joined.`;

/** `verve member …`: what an operator does with member ids. */
export function addMember(program: Command): void {
  const member = program
    .command('member')
    .description('member ids that the membership system has merged')
    .addHelpText('afterAll', HELP);
  const relink = member
    .command('relink <old-id> <new-id>')
    .description('join two member ids that the membership system has merged')
    .option('--organisation <slug>', 'whose members; not needed where there is only one organisation');
  runCommand<CommonOptions & OrganisationOption>(relink, async (options, ...given) => {
    const [oldMemberId = '', newMemberId = ''] = await readMemberIds(given);
    return withEngine(async (verve) => {
      const orgId = await findOrganisation(verve, options);
      const { outcome } = await verve.attributions.relinkMember({ orgId, actor, oldMemberId, newMemberId });
      const { text, exitCode } = told[outcome];
      return { text, data: { outcome: snakeCase(outcome) }, exitCode };
    });
  });
}

const told: Record<Relinked['outcome'], { text: string; exitCode: ExitCode }> = {
  relinked: { text: 'Joined. Whatever names the old id reaches the new one.', exitCode: EXIT.done },
  alreadyRelinked: { text: 'They were joined already.', exitCode: EXIT.done },
  conflict: {
    text: 'Joined. Both members had been credited to somebody: both stand, and a case in the inbox lets a coordinator decide.',
    exitCode: EXIT.findings,
  },
  ignoredErased: {
    text: 'Nothing was joined: one of the two was erased, and no later membership is known under it.',
    exitCode: EXIT.findings,
  },
};
