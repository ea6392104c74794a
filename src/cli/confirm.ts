import { type Command, InvalidArgumentError } from 'commander';
import { readWrittenTime, type WrittenTime } from '../connectors/time/local-time.ts';
import { attributionOf, type FactOutcome, FUTURE_TOLERANCE_MS } from '../engine/attributions/fact.ts';
import { displayCode, readCode } from '../engine/codes/read-code.ts';
import { VerveError } from '../engine/errors.ts';
import { isUuid } from '../engine/ids.ts';
import { inOrganisation } from '../engine/parts.ts';
import type { Verve } from '../engine/verve.ts';
import { findConversion } from '../http/rows/confirmable-repository.ts';
import { snakeCase } from '../http/wire.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { commandActor as actor, findOrganisation, type OrganisationOption, withEngine } from './open-engine.ts';
import { DASH_EXPLAINED, readMemberIds } from './read-member-ids.ts';
import { type CommandResult, type CommonOptions, runCommand } from './run-command.ts';
import { checkWritten, momentOf } from './written-time.ts';

interface Options extends CommonOptions, OrganisationOption {
  readonly at?: string;
}

const HELP = `
  $ verve confirm 3PKCM-78AQS 10293              the member came with this code, in any spelling
  $ verve confirm 8f14e45f-… 10293               the registration with this id became this member
  $ verve confirm 10293                          the member is real: credited if a registration names this member, now or later
  $ echo 10293 | verve confirm 3PKCM-78AQS -     the member id from standard input
  $ verve confirm 3PKCM-78AQS 10293 --at 2026-11-01

Says what the membership system would have said by its webhook, and is safe to repeat: a member is credited once. The audit
log keeps that it was said by hand.

${DASH_EXPLAINED}

Exit code 0: credited, or waiting for review, or so already; or kept until a registration names the member. Exit code 4: it is
on record, and credits nobody; the text says why and what to do.`;

/** `verve confirm`: a member is real, said by hand. */
export function addConfirm(program: Command): void {
  const command = program
    .command('confirm')
    .usage('[options] [CODE | ATTRIBUTION-ID] MEMBER-ID')
    .description('say that a member is real, and credit who recruited the member')
    .argument(
      '<ids...>',
      'the code or the attribution’s id, if one is known, and the member id; - reads it from standard input',
    )
    .option('--at <time>', 'when the membership became real; a day counts to its end (default: now)', checkPast)
    .option('--organisation <slug>', 'whose member; not needed where there is only one organisation')
    .addHelpText('after', HELP);
  runCommand<Options, string[]>(command, async (options, ids = []) => {
    if (ids.length > 2) throw new VerveError('invalid_request', 'Give a code and a member id, not more.');
    const [typed] = ids;
    const [memberId = ''] = await readMemberIds(ids.slice(-1));
    return withEngine(async (verve) => {
      const orgId = await findOrganisation(verve, options);
      const occurredAt = options.at === undefined ? null : await momentOf(verve, orgId, options.at, 'last');
      const details = { newMemberId: memberId, occurredAt, source: 'person' as const };
      if (ids.length === 1) {
        await refuseForgottenMember(verve, orgId, memberId);
        return report(await verve.attributions.confirmAttribution({ orgId, actor, ...details }));
      }
      const by = await findCode(verve, orgId, typed as string);
      return report(await verve.attributions.confirmRecruitment({ orgId, actor, ...by, ...details }));
    });
  });
}

/** Whoever names only the code has forgotten the member: nobody has a code of the organisation as member id. */
async function refuseForgottenMember(verve: Verve, orgId: string, given: string): Promise<void> {
  const isOurs = isUuid(given)
    ? (await inOrganisation(verve.parts, { orgId }, (session) => findConversion(session, given))) !== null
    : readCode(given) !== null && (await verve.codes.findByCode({ orgId, actor, code: given })) !== null;
  if (isOurs) throw new VerveError('invalid_request', 'Name the member too: verve confirm CODE MEMBER-ID');
}

async function findCode(
  verve: Verve,
  orgId: string,
  typed: string,
): Promise<{ code: string; registrationRef?: string | null }> {
  if (!isUuid(typed)) return { code: typed };
  const found = await inOrganisation(verve.parts, { orgId }, (session) => findConversion(session, typed));
  if (found === null) throw new VerveError('not_found', 'There is no attribution with this id.');
  return found;
}

function report(outcome: FactOutcome): CommandResult {
  const { text, exitCode = EXIT.done } = tell(outcome);
  const attributionId = attributionOf(outcome);
  const lines = [text];
  if ('mentorId' in outcome && outcome.mentorId !== null) lines.push(`mentor       ${outcome.mentorId}`);
  if (attributionId !== null) lines.push(`attribution  ${attributionId}`);
  if ('total' in outcome && outcome.total !== null) lines.push(`total        ${outcome.total}`);
  if ('milestones' in outcome && outcome.milestones.length > 0)
    lines.push(`milestones   ${outcome.milestones.join(', ')}`);
  const data = Object.fromEntries(
    Object.entries(outcome).map(([key, value]) => [snakeCase(key), key === 'outcome' ? snakeCase(value) : value]),
  );
  return { text: lines.join('\n'), data, exitCode };
}

/** What happened, in a sentence, and what to do where nobody is credited. */
function tell(outcome: FactOutcome): { text: string; exitCode?: ExitCode } {
  const nobody = (text: string) => ({ text, exitCode: EXIT.findings });
  switch (outcome.outcome) {
    case 'confirmed':
      if (outcome.total === null) return { text: 'Confirmed. It does not raise a total.' };
      return { text: outcome.isReinstated ? 'Credited again: an earlier end was taken back.' : 'Credited.' };
    case 'alreadyConfirmed':
      return { text: 'This member was credited already. Nothing changed.' };
    case 'awaitingReview':
      return { text: 'Confirmed. It waits for review before it counts.' };
    case 'registered':
      return { text: 'Registered. It is credited when the membership is confirmed.' };
    case 'alreadyRegistered':
      return { text: 'This member was registered already. Nothing changed.' };
    case 'alreadyRejected':
      return nobody('Kept on record. This recruitment was rejected before, and stays rejected.');
    case 'alreadyReversed':
      return nobody('Kept on record. A later message says that the membership ended, and that stands.');
    case 'alreadyRemoved':
      return nobody('Kept on record. An administrator removed this attribution; only restoring it brings it back.');
    case 'rejected':
      return nobody('Kept on record. The membership was refused.');
    case 'reversed':
      return nobody('Confirmed and reversed: a message that came first says that the membership has ended since.');
    case 'recordedOlder':
      return nobody('Kept on record. Something newer is known about this member, and that stands.');
    case 'conflict':
      return nobody(
        'Another mentor has this member already. Nothing changed; a case in the inbox lets a coordinator decide.',
      );
    case 'unmatched':
      return tellUnmatched(outcome);
    case 'codeEnded':
      return nobody(
        'This code had ended before the person came. Nobody is credited; a case in the inbox lets a coordinator decide.',
      );
    case 'selfReferral':
      return nobody('The mentor and the member are the same person. Nobody is credited; a case in the inbox says so.');
    case 'notEligible':
      return nobody(
        'Kept on record. This type of membership does not count here (the organisation’s settings say so).',
      );
    case 'ignoredErased':
      return nobody('This member was erased, and the membership is older than that. Nothing was kept.');
  }
}

function tellUnmatched({ inboxKind, suggestions }: Extract<FactOutcome, { outcome: 'unmatched' }>) {
  if (inboxKind === null) {
    return { text: 'Kept. No registration names this member yet; one that does is credited at once.' };
  }
  const near = suggestions.map(displayCode).join(', ');
  const hint = near === '' ? '' : ` Perhaps: ${near}`;
  return {
    text: `No such code in this organisation. Nobody is credited; a case in the inbox asks a coordinator.${hint}`,
    exitCode: EXIT.findings,
  };
}

function checkPast(given: string): string {
  const { at } = readWrittenTime(checkWritten(given), 'UTC') as WrittenTime;
  if (at.getTime() > Date.now() + FUTURE_TOLERANCE_MS) throw new InvalidArgumentError('It lies in the future.');
  return given;
}
