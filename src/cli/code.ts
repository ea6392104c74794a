import type { Command } from 'commander';
import type { ReferralCode } from '../engine/codes/code.ts';
import { displayCode } from '../engine/codes/read-code.ts';
import { VerveError } from '../engine/errors.ts';
import { isUuid } from '../engine/ids.ts';
import { snakeCase } from '../engine/snake-case.ts';
import { commandActor as actor, findOrganisation, type OrganisationOption, withEngine } from './open-engine.ts';
import { addPaging, type PageOptions, readPage, showPage } from './pages.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

type Options = CommonOptions & OrganisationOption;

const HELP = `
  $ verve code get 0b0b0b0b-0000-4000-8000-000000000002      the mentor's code; makes one where there is none
  $ verve code rotate 0b0b0b0b-0000-4000-8000-000000000002   a new one; the old one is replaced
  $ verve code invalidate 3PKCM-78AQS --reason lost          ends it for good
  $ verve code show 3pkcm78aqs                               what it is, in any spelling
  $ verve code list --status inactive --json`;

/** `verve code …`: what an operator does with codes. */
export function addCode(program: Command): void {
  const code = program.command('code').description('referral codes of mentors').addHelpText('afterAll', HELP);
  const add = (name: string, description: string) =>
    code
      .command(name)
      .description(description)
      .option('--organisation <slug>', 'whose; not needed where there is only one organisation');

  runCommand<Options>(add('get <mentor-id>', 'give the mentor’s code, or make one'), (options, mentorId = '') =>
    withEngine(async (verve) => {
      const orgId = await findOrganisation(verve, options);
      const given = await verve.codes.getOrCreate({ orgId, actor, mentorId });
      if (!('code' in given)) throw refusal(given.outcome);
      return { text: describe(given.code), data: { outcome: snakeCase(given.outcome), ...toJson(given.code) } };
    }),
  );

  runCommand<Options>(add('rotate <mentor-id>', 'replace the mentor’s code by a new one'), (options, mentorId = '') =>
    withEngine(async (verve) => {
      const orgId = await findOrganisation(verve, options);
      const rotated = await verve.codes.rotateCode({ orgId, actor, mentorId });
      if (rotated.outcome !== 'rotated') throw refusal(rotated.outcome);
      const { code, previous } = rotated;
      const text = `${describe(code)}\nreplaces   ${displayCode(previous.code)}`;
      return { text, data: { ...toJson(code), previous_code: previous.code, rotated_at: previous.rotatedAt } };
    }),
  );

  const invalidate = add('invalidate <code>', 'end a code for good').option(
    '--reason <word>',
    'why, as a word for the record',
    'command',
  );
  runCommand<Options & { reason: string }>(invalidate, (options, typed = '') =>
    withEngine(async (verve) => {
      const orgId = await findOrganisation(verve, options);
      const codeId = isUuid(typed) ? typed : (await verve.codes.findByCode({ orgId, actor, code: typed }))?.codeId;
      if (codeId === undefined) throw refusal('notFound');
      const { outcome } = await verve.codes.invalidateCode({ orgId, actor, codeId, reason: options.reason });
      if (outcome === 'notFound') throw refusal(outcome);
      const ended = await verve.codes.get({ orgId, actor, codeId });
      const text = outcome === 'success' ? describe(ended) : `It had ended already.\n${describe(ended)}`;
      return { text, data: { outcome: snakeCase(outcome), ...toJson(ended) } };
    }),
  );

  runCommand<Options>(add('show <code>', 'what a code is, in any spelling and status'), (options, typed = '') =>
    withEngine(async (verve) => {
      const orgId = await findOrganisation(verve, options);
      const found = await verve.codes.findByCode({ orgId, actor, code: typed });
      if (found !== null) return { text: describe(found), data: toJson(found) };
      const near = await verve.codes.suggestCodes({ orgId, actor, typed });
      const hint = near.map(({ candidate }) => displayCode(candidate.code)).join(', ');
      throw new VerveError('not_found', `No such code.${hint === '' ? '' : ` Perhaps: ${hint}`}`);
    }),
  );

  const list = addPaging(add('list', 'the organisation’s codes, newest first')).option(
    '--status <status>',
    'active, inactive, rotated or invalidated',
  );
  runCommand<Options & PageOptions & { status?: string }>(list, (options) =>
    withEngine(async (verve) => {
      const orgId = await findOrganisation(verve, options);
      const filter = { status: readStatus(options.status) };
      const found = await verve.codes.listCodesByOrganisation({ orgId, actor, page: readPage(options), filter });
      const line = (code: ReferralCode) => `${displayCode(code.code)}  ${code.status.padEnd(11)}  ${code.ownerRef}`;
      return showPage(found, { line, json: toJson });
    }),
  );
}

const statuses = ['active', 'inactive', 'rotated', 'invalidated'] as const;

function readStatus(given: string | undefined): (typeof statuses)[number] | undefined {
  const status = statuses.find((known) => known === given);
  if (given === undefined || status !== undefined) return status;
  throw new VerveError('invalid_request', `A status is one of: ${statuses.join(', ')}.`);
}

function refusal(outcome: 'notFound' | 'mentorInactive' | 'codeInvalidated' | 'noActiveCode'): VerveError {
  switch (outcome) {
    case 'notFound':
      return new VerveError('not_found');
    case 'mentorInactive':
      return new VerveError('mentor_inactive');
    case 'codeInvalidated':
      return new VerveError('code_invalidated');
    case 'noActiveCode':
      return new VerveError('not_found', 'There is no active code to rotate. Make one with: verve code get');
  }
}

function describe(code: ReferralCode): string {
  const ended = code.rotatedAt ?? code.invalidatedAt;
  const lines = [
    `code       ${displayCode(code.code)}`,
    `status     ${code.status}${ended === null ? '' : ` since ${ended.toISOString()}`}`,
    `owner      ${code.ownerModel} ${code.ownerRef}`,
    `link       ${code.url ?? 'none: the organisation has no link domain yet. Set one: verve organisation link-domains verv.example.no'}`,
    `made       ${code.createdAt.toISOString()}`,
  ];
  return lines.join('\n');
}

function toJson(code: ReferralCode): Record<string, unknown> {
  return {
    id: code.codeId,
    mentor_id: code.mentorId,
    owner_model: code.ownerModel,
    owner_ref: code.ownerRef,
    org_id: code.orgId,
    code: code.code,
    url: code.url,
    status: code.status,
    created_at: code.createdAt,
    expires_at: code.expiresAt,
    rotated_at: code.rotatedAt,
    invalidated_at: code.invalidatedAt,
  };
}
