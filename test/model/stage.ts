import { randomUUID } from 'node:crypto';
import type { Fact } from '../../src/engine/attributions/fact.ts';
import { createVerve, type Verve } from '../../src/engine/verve.ts';
import { freshOrganisation, testDatabase } from '../harness.ts';
import { testSecret } from '../harness-verve.ts';
import { MENTOR_WHO_IS_MEMBER, MENTORS, OWN_DEVICE, PERSONS } from './commands.ts';
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
  /** The inbox item that stands for each of the model's cases, by its number. */
  readonly caseIds: Map<number, string>;
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
    const device = await engine.parts.keyRing.hash(org, 'device-token', OWN_DEVICE);
    await adminPool.query(
      `insert into verve.mentors (id, org_id, user_id, display_name, member_id_hash, device_token_hash)
       values ($1, $2, $3, $4, $5, $6)`,
      [mentorId, org, randomUUID(), 'Kari Nordmann', hash, device],
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
    world.mentors.set(mentorId, { mentorId, memberId, device: OWN_DEVICE });
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
    caseIds: new Map(),
    cast: {
      mentorIds,
      personIds: Array.from({ length: PERSONS }, () => randomUUID()),
      unknownCode: randomCode(),
      foreignCode,
    },
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
      await adminPool.query('update verve.organisations set settings = $2, time_zone = $3 where id = $1', [
        orgId,
        { rules: rulesOf(world.settings) },
        world.settings.timeZone,
      ]);
    },
  };
}

/** The settings of the model in the engine's words. */
export const rulesOf = (settings: Settings): Record<string, unknown> => ({
  review: settings.review,
  reviewCodeOrder: settings.reviewCodeOrder,
  reviewRoles: settings.reviewRoles,
  rotatedGraceDays: settings.graceRotatedMs / DAY_MS,
  invalidatedGraceDays: settings.graceInvalidatedMs / DAY_MS,
  rejoinGapDays: settings.rejoinGapMs / DAY_MS,
  pendingDays: settings.pendingLifeMs / DAY_MS,
  velocityPerHour: settings.velocityPerHour,
  excludedMembershipTypes: settings.excludedTypes,
});

/** The fact in the engine's words. */
export const engineFact = async ({ engine, orgId }: Stage, fact: ConcreteFact): Promise<Fact> => ({
  kind: fact.kind,
  memberId: fact.memberId,
  code: fact.code,
  registrationRef: fact.registrationRef,
  registeredAt: fact.registeredAt === null ? null : new Date(fact.registeredAt),
  occurredAt: fact.occurredAt === null ? null : new Date(fact.occurredAt),
  membershipType: fact.membershipType ?? null,
  deviceTokenHashes:
    fact.device == null ? [] : await engine.parts.keyRing.hexHashes(orgId, 'device-token', fact.device),
  source: 'webhook',
});

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const randomCode = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => ALPHABET[byte % 32]).join('');
