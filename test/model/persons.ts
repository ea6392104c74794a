import type { Actor } from '../../src/engine/actor.ts';
import { VerveError } from '../../src/engine/errors.ts';
import { testDatabase } from '../harness.ts';
import type { Command } from './commands.ts';
import { resolveMember } from './find.ts';
import { memberName } from './play.ts';
import type { Stage } from './stage.ts';

type PersonCommand = Extract<Command, { do: 'approve' | 'reject' | 'remove' | 'restore' | 'reassign' | 'relink' }>;

const coordinator = (userId: string): Actor => ({
  kind: 'person',
  userId,
  mentorId: null,
  roles: [{ role: 'coordinator', branchId: null }],
});

const administrator: Actor = {
  kind: 'person',
  userId: '5f0c0000-0000-4000-8000-000000000001',
  mentorId: null,
  roles: [{ role: 'org_admin', branchId: null }],
};

/** Does on the engine what a coordinator or administrator does in the history; a refusal is the word `refused`. */
export async function playPerson(stage: Stage, command: PersonCommand): Promise<string> {
  try {
    return await act(stage, command);
  } catch (error) {
    if (
      error instanceof VerveError &&
      ['conflict', 'already_decided', 'already_credited', 'unprocessable', 'invalid_request'].includes(error.code)
    ) {
      return 'refused';
    }
    throw error;
  }
}

async function act(stage: Stage, command: PersonCommand): Promise<string> {
  const { engine, orgId, cast } = stage;
  if (command.do === 'relink') {
    const [oldMemberId, newMemberId] = [memberName(command.from), memberName(command.to)];
    if (oldMemberId === newMemberId) return 'alreadyRelinked';
    return (await engine.attributions.relinkMember({ orgId, actor: administrator, oldMemberId, newMemberId })).outcome;
  }
  const attributionId = await currentAttribution(stage, command.member);
  if (attributionId === null) return 'nothing';
  const on = { orgId, attributionId, actor: coordinator(cast.coordinatorIds[command.coordinator] as string) };
  switch (command.do) {
    case 'approve':
      return (await engine.attributions.approve(on)).outcome;
    case 'reject':
      return (await engine.attributions.reject({ ...on, reasonCode: 'duplicate' })).outcome;
    case 'remove':
      return (await engine.attributions.remove({ ...on, actor: administrator, reason: 'entered by mistake' })).outcome;
    case 'restore':
      return (await engine.attributions.restore({ ...on, actor: administrator })).outcome;
    case 'reassign': {
      const toMentorId = cast.mentorIds[command.mentor] as string;
      const { outcome } = await engine.attributions.reassign({ ...on, toMentorId, reason: 'they met at the fair' });
      return outcome === 'unchanged' ? 'refused' : outcome;
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
