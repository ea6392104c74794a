import { randomUUID } from 'node:crypto';
import type { Fact } from '../../src/engine/attributions/fact.ts';
import { createVerve, type Verve } from '../../src/engine/verve.ts';
import { freshOrganisation, testDatabase } from '../harness.ts';
import { testSecret } from '../harness-verve.ts';
import { MENTOR_WHO_IS_MEMBER, MENTORS } from './commands.ts';
import { addCode, type Cast, type ConcreteFact, memberName } from './play.ts';
import { DAY_MS, emptyWorld, type Settings, type World } from './world.ts';

export const HISTORY_STARTS_AT = Date.UTC(2024, 0, 1, 12);

/** An organisation in the database and its double in the model, with the same people and codes. */
export interface Stage {
  readonly orgId: string;
  readonly world: World;
  readonly cast: Cast;
  readonly engine: Verve;
  /** Another engine, as a second server would have. */
  readonly otherEngine: () => Verve;
  /** Ends a mentor's active code and gives the next one. The model is told by the caller. */
  readonly endCode: (mentorId: string, how: 'rotate' | 'invalidate') => Promise<string>;
  /** Stores the model's settings as the organisation's. */
  readonly saveSettings: () => Promise<void>;
}

const SETTINGS: Settings = emptyWorld().settings;

/** Makes a fresh organisation with three mentors (the first of them has two codes, one rotated long ago). */
export async function setStage(settings: Partial<Settings> = {}): Promise<Stage> {
  const { adminPool, pool } = await testDatabase();
  const engineOver = (): Verve => createVerve({ database: pool, secret: testSecret, clock: () => new Date(world.now) });
  const engine = engineOver();
  const all = { ...SETTINGS, ...settings };
  const { orgId } = await freshOrganisation({ settings: { rules: rulesOf(all) } });
  const { orgId: otherOrgId } = await freshOrganisation({ name: 'Vestland' });
  const world = emptyWorld(settings);
  world.now = HISTORY_STARTS_AT;

  const insertMentor = async (org: string, memberId: string | null): Promise<string> => {
    const mentorId = randomUUID();
    const hash = memberId === null ? null : await engine.parts.keyRing.hash(org, 'member-ref', memberId);
    await adminPool.query(
      'insert into verve.mentors (id, org_id, user_id, display_name, member_id_hash) values ($1, $2, $3, $4, $5)',
      [mentorId, org, randomUUID(), 'Kari Nordmann', hash],
    );
    return mentorId;
  };
  const insertCode = async (org: string, mentorId: string, sequence: number): Promise<string> => {
    const code = randomCode();
    await adminPool.query('insert into verve.code_directory (code, org_id) values ($1, $2)', [code, org]);
    await adminPool.query(
      `insert into verve.referral_codes (org_id, owner_ref, code, rotation_sequence) values ($1, $2, $3, $4)`,
      [org, mentorId, code, sequence],
    );
    return code;
  };

  const mentorIds: string[] = [];
  for (let index = 0; index < MENTORS; index += 1) {
    const memberId = index === MENTOR_WHO_IS_MEMBER ? memberName(index) : null;
    const mentorId = await insertMentor(orgId, memberId);
    mentorIds.push(mentorId);
    world.mentors.set(mentorId, { mentorId, memberId });
    addCode(world, await insertCode(orgId, mentorId, 0), mentorId);
  }
  for (const threshold of all.thresholds) {
    await adminPool.query(
      'insert into verve.milestones (org_id, threshold, created_at) values ($1, $2, $3) on conflict do nothing',
      [orgId, threshold, new Date(world.now)],
    );
  }
  const foreignCode = await insertCode(otherOrgId, await insertMentor(otherOrgId, null), 0);
  world.foreignCodes.add(foreignCode);
  return {
    orgId,
    world,
    cast: { mentorIds, coordinatorIds: [randomUUID(), randomUUID()], unknownCode: randomCode(), foreignCode },
    engine,
    otherEngine: engineOver,
    endCode: async (mentorId, how) => {
      const status = how === 'rotate' ? 'rotated' : 'invalidated';
      const { rows } = await adminPool.query<{ sequence: number }>(
        `update verve.referral_codes set status = $2, ${status}_at = $3
         where mentor_id = $1 and status = 'active' returning rotation_sequence as sequence`,
        [mentorId, status, new Date(world.now)],
      );
      return insertCode(orgId, mentorId, (rows[0]?.sequence ?? 0) + 1);
    },
    saveSettings: async () => {
      await adminPool.query('update verve.organisations set settings = $2 where id = $1', [
        orgId,
        { rules: rulesOf(world.settings) },
      ]);
    },
  };
}

/** The settings of the model in the engine's words. */
export const rulesOf = (settings: Settings): Record<string, unknown> => ({
  review: settings.review,
  reviewCodeOrder: settings.reviewCodeOrder,
  reviewRoles: Array.from({ length: settings.approvalsNeeded }, () => 'coordinator'),
  rotatedGraceDays: settings.graceRotatedMs / DAY_MS,
  invalidatedGraceDays: settings.graceInvalidatedMs / DAY_MS,
  rejoinGapDays: settings.rejoinGapMs / DAY_MS,
  pendingDays: settings.pendingLifeMs / DAY_MS,
  velocityPerHour: 100_000,
  excludedMembershipTypes: settings.excludedTypes,
});

/** The fact in the engine's words. */
export const engineFact = (fact: ConcreteFact, sourceRef: string | null = null): Fact => ({
  kind: fact.kind,
  memberId: fact.memberId,
  code: fact.code,
  registrationRef: fact.registrationRef,
  registeredAt: fact.registeredAt === null ? null : new Date(fact.registeredAt),
  occurredAt: fact.occurredAt === null ? null : new Date(fact.occurredAt),
  source: 'webhook',
  sourceRef,
});

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const randomCode = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => ALPHABET[byte % 32]).join('');
