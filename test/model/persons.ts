import { type Actor, hostActor } from '../../src/engine/actor.ts';
import { VerveError } from '../../src/engine/errors.ts';
import type { ResolveBy } from '../../src/engine/inbox/resolve.ts';
import { testDatabase } from '../harness.ts';
import type { Command, ResolveChoice } from './commands.ts';
import { resolveMember } from './find.ts';
import { ADMINISTRATOR, type Cast, caseOf, codeText, memberName } from './play.ts';
import type { Stage } from './stage.ts';
import type { World } from './world.ts';

/** What somebody signed in does, beside the facts and the calendar. */
export type PersonCommand = Exclude<Command, { do: 'fact' | 'rotate' | 'invalidate' | 'advance' | 'rules' | 'zone' }>;

const personOf = ({ cast }: Stage, person: number): Actor => ({
  kind: 'person',
  userId: cast.personIds[person] as string,
  mentorId: null,
  roles: [{ role: person === ADMINISTRATOR ? 'org_admin' : 'coordinator', branchId: null }],
});

/** What an act is about, as it stood when it was asked for. null = nothing was there. */
export type Subject = string | null;

/** Finds the attribution or the case that a command means. */
export function findSubject(stage: Stage, command: PersonCommand): Promise<Subject> | Subject {
  switch (command.do) {
    case 'resolve':
    case 'reopen':
      return stage.caseIds.get(caseOf(stage.world, command)?.number ?? -1) ?? null;
    case 'approve':
    case 'reject':
    case 'remove':
    case 'restore':
    case 'reassign':
      return currentAttribution(stage, command.member);
    default:
      return null;
  }
}

/** Does on the engine what a person does in the history; a refusal is the word `refused`. */
export async function playPerson(stage: Stage, command: PersonCommand, subject: Subject): Promise<string> {
  try {
    return await act(stage, command, subject);
  } catch (error) {
    if (
      error instanceof VerveError &&
      ['conflict', 'already_decided', 'already_credited', 'unprocessable', 'invalid_code'].includes(error.code)
    ) {
      return 'refused';
    }
    throw error;
  }
}

async function act(stage: Stage, command: PersonCommand, subject: Subject): Promise<string> {
  const { engine, orgId, cast } = stage;
  const asAdministrator = { orgId, actor: personOf(stage, ADMINISTRATOR) };
  switch (command.do) {
    case 'relink': {
      const [oldMemberId, newMemberId] = [memberName(command.from), memberName(command.to)];
      if (oldMemberId === newMemberId) return 'alreadyRelinked';
      return (await engine.attributions.relinkMember({ ...asAdministrator, oldMemberId, newMemberId })).outcome;
    }
    case 'learn': {
      const mentorId = cast.mentorIds[command.mentor] as string;
      await engine.mentors.update({ ...asAdministrator, mentorId, change: { memberId: memberName(command.member) } });
      return 'learnt';
    }
    case 'claim': {
      const memberId = command.member === null ? null : memberName(command.member);
      await engine.inbox.claimRecruitment({ orgId, actor: hostActor, claimant: 'member', memberId });
      return 'filed';
    }
    case 'erase': {
      const { outcome } = await engine.privacy.eraseMember({
        ...asAdministrator,
        memberId: memberName(command.member),
      });
      return outcome === 'erased' ? outcome : 'nothing';
    }
    case 'resolve':
    case 'reopen':
      return subject === null ? 'nothing' : actOnCase(stage, command, subject);
    default:
      return subject === null ? 'nothing' : actOnAttribution(stage, command, subject);
  }
}

async function actOnCase(
  stage: Stage,
  command: Extract<PersonCommand, { do: 'resolve' | 'reopen' }>,
  inboxItemId: string,
): Promise<string> {
  const { engine, orgId, world, cast } = stage;
  const call = { orgId, inboxItemId, actor: personOf(stage, command.person), reason: 'they met at the fair' };
  if (command.do === 'reopen') return (await engine.inbox.reopen(call)).outcome;
  const by = resolveBy(world, cast, command.by);
  return by === null ? 'nothing' : (await engine.inbox.resolve({ ...call, by })).outcome;
}

function resolveBy(world: World, cast: Cast, by: ResolveChoice): ResolveBy | null {
  if (by === 'dismiss') return { how: 'dismiss' };
  if ('mentor' in by) return { how: 'attach', mentorId: cast.mentorIds[by.mentor] as string };
  const code = codeText(world, cast, by.code);
  return code === null ? null : { how: 'correct_code', code };
}

async function actOnAttribution(
  stage: Stage,
  command: Extract<PersonCommand, { do: 'approve' | 'reject' | 'remove' | 'restore' | 'reassign' }>,
  attributionId: string,
): Promise<string> {
  const { engine, orgId, cast } = stage;
  const on = { orgId, attributionId, actor: personOf(stage, command.person) };
  const asAdministrator = { ...on, actor: personOf(stage, ADMINISTRATOR) };
  switch (command.do) {
    case 'approve':
      return (await engine.attributions.approve(on)).outcome;
    case 'reject':
      return (await engine.attributions.reject({ ...on, reasonCode: 'duplicate' })).outcome;
    case 'remove':
      return (await engine.attributions.remove({ ...asAdministrator, reason: 'entered by mistake' })).outcome;
    case 'restore':
      return (await engine.attributions.restore(asAdministrator)).outcome;
    case 'reassign': {
      const toMentorId = cast.mentorIds[command.mentor] as string;
      return (await engine.attributions.reassign({ ...on, toMentorId, reason: 'they met at the fair' })).outcome;
    }
  }
}

async function currentAttribution({ orgId, world }: Stage, member: number): Promise<string | null> {
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query<{ id: string }>(
    `select attributions.id from verve.referral_attributions as attributions
     join verve.sources on sources.id = attributions.source_id
     where attributions.org_id = $1 and sources.ref = $2 and attributions.superseded_at is null`,
    [orgId, resolveMember(world, memberName(member))],
  );
  return rows[0]?.id ?? null;
}
