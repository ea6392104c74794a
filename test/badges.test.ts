import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { awardBadges } from '../src/engine/badges/award.ts';
import { seedBadges, seededBadgeId } from '../src/engine/badges/seed-definitions.ts';
import { type Badges, createBadges } from '../src/engine/badges/service.ts';
import type { Session } from '../src/engine/database.ts';
import { appendEvents } from '../src/engine/events/repository.ts';
import { createBackfill } from '../src/engine/milestones/backfill.ts';
import { countCredits } from '../src/engine/milestones/count-credits.ts';
import { createMilestones, type Milestones } from '../src/engine/milestones/service.ts';
import { addThresholds, DEFAULT_THRESHOLDS } from '../src/engine/milestones/thresholds.ts';
import { type Call, type EngineParts, platformRandom, silentLogger } from '../src/engine/parts.ts';
import { createKeyRing } from '../src/engine/secrets/key-ring.ts';
import { freshOrganisation, type TestDatabase, testDatabase } from './harness.ts';

let db: TestDatabase;
let parts: EngineParts;
let badges: Badges;
let milestones: Milestones;

beforeAll(async () => {
  db = await testDatabase();
  const keyRing = createKeyRing('a secret for tests, of thirty-two characters');
  parts = { database: db.database, keyRing, logger: silentLogger, random: platformRandom };
  badges = createBadges(parts);
  milestones = createMilestones(parts);
});

/** The organisation, as the system. */
const as = (orgId: string): Call => ({ orgId, actor: { kind: 'system', name: 'test' } });

function within<Result>(orgId: string, work: (session: Session) => Promise<Result>): Promise<Result> {
  return db.database.transaction({ role: 'verve_engine', orgId }, work);
}

/** An organisation with its seeded badges and milestones, and one mentor. */
async function seededOrganisation(locale = 'nb') {
  const { orgId } = await freshOrganisation();
  await within(orgId, async (session) => {
    await addThresholds(session, DEFAULT_THRESHOLDS);
    await seedBadges(session, locale);
  });
  return { orgId, mentorId: await freshMentor(orgId) };
}

async function freshMentor(orgId: string): Promise<string> {
  const mentorId = randomUUID();
  await db.adminPool.query(`insert into verve.mentors (org_id, id, display_name) values ($1, $2, 'Vestland')`, [
    orgId,
    mentorId,
  ]);
  return mentorId;
}

async function setTotal(orgId: string, mentorId: string, credited: number): Promise<void> {
  await db.adminPool.query(
    `insert into verve.mentor_totals (org_id, mentor_id, credited) values ($1, $2, $3)
     on conflict (org_id, mentor_id) do update set credited = excluded.credited`,
    [orgId, mentorId, credited],
  );
}

async function eventsOf(orgId: string): Promise<{ type: string; mentor_id: string; data: Record<string, unknown> }[]> {
  const { rows } = await db.adminPool.query(
    'select type, mentor_id, data from verve.referral_events where org_id = $1 order by seq',
    [orgId],
  );
  return rows;
}

/** Awards as the crediting transaction does: badges and their events together. */
async function awardAll(session: Session, reached: { mentorId: string; count: number }[]) {
  const { badges: awarded, events } = await awardBadges(session, reached);
  await appendEvents(session, events);
  return awarded;
}

const award = (orgId: string, mentorId: string, count: number) =>
  within(orgId, (session) => awardAll(session, [{ mentorId, count }]));

describe('seeded badges', () => {
  test('are four, at 1, 5, 10 and 25, in the organisation’s language', async () => {
    const { orgId } = await seededOrganisation('nn');
    const seeded = await badges.listDefinitions(as(orgId));
    expect(seeded.map((badge) => [badge.criteriaValue, badge.name, badge.description])).toEqual([
      [1, 'Vervar – 1', 'Har verva den første medlemen sin.'],
      [5, 'Vervar – 5', 'Har verva fem nye medlemmer.'],
      [10, 'Vervar – 10', 'Har verva ti nye medlemmer.'],
      [25, 'Vervar – 25', 'Har verva 25 nye medlemmer.'],
    ]);
  });

  test('have stable ids of the form v4, and seeding again changes nothing', async () => {
    const { orgId } = await seededOrganisation();
    const id = await seededBadgeId(orgId, 5);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    await badges.updateDefinition(as(orgId), id, { name: 'Femmer' });
    await within(orgId, (session) => seedBadges(session, 'nb'));
    expect(await badges.listDefinitions(as(orgId))).toHaveLength(4);
    expect((await badges.getDefinition(as(orgId), id)).name).toBe('Femmer');
    expect(await seededBadgeId(randomUUID(), 5)).not.toBe(id);
  });
});

describe('awarding', () => {
  test('gives every badge whose threshold is reached and which is not held, with one event each', async () => {
    const { orgId, mentorId } = await seededOrganisation();
    expect((await award(orgId, mentorId, 5)).map((badge) => badge.threshold)).toEqual([1, 5]);
    expect(await eventsOf(orgId)).toMatchObject([
      { type: 'badge.awarded', mentor_id: mentorId, data: { threshold: 1 } },
      {
        type: 'badge.awarded',
        mentor_id: mentorId,
        data: { threshold: 5, badge_definition_id: await seededBadgeId(orgId, 5) },
      },
    ]);
  });

  test('twice, and from eight connections at once, gives each badge once', async () => {
    const { orgId, mentorId } = await seededOrganisation();
    const all = await Promise.all(Array.from({ length: 8 }, () => award(orgId, mentorId, 10)));
    expect(all.flat()).toHaveLength(3);
    expect(await award(orgId, mentorId, 10)).toEqual([]);
    expect(await eventsOf(orgId)).toHaveLength(3);
  });

  test('is undone with the transaction it is part of', async () => {
    const { orgId, mentorId } = await seededOrganisation();
    const failing = within(orgId, async (session) => {
      await awardAll(session, [{ mentorId, count: 5 }]);
      throw new Error('the credit failed');
    });
    await expect(failing).rejects.toThrow('the credit failed');
    expect((await badges.listEarned(as(orgId))).badges).toEqual([]);
    expect(await eventsOf(orgId)).toEqual([]);
  });

  test('takes in a badge that was made after its threshold was passed', async () => {
    const { orgId, mentorId } = await seededOrganisation();
    await award(orgId, mentorId, 5);
    await badges.createDefinition(as(orgId), { name: 'Treer', criteriaValue: 3 });
    expect((await award(orgId, mentorId, 10)).map((badge) => badge.threshold)).toEqual([3, 10]);
  });

  test('leaves out what is archived, and who holds it keeps it', async () => {
    const { orgId, mentorId } = await seededOrganisation();
    const fiver = await seededBadgeId(orgId, 5);
    await award(orgId, mentorId, 5);
    await badges.archiveDefinition(as(orgId), fiver);
    expect((await award(orgId, await freshMentor(orgId), 5)).map((badge) => badge.threshold)).toEqual([1]);
    expect(await badges.exists(as(orgId), mentorId, fiver)).toMatchObject({ exists: true });
  });

  test('awards many mentors in one go, each by his own count', async () => {
    const { orgId, mentorId } = await seededOrganisation();
    const other = await freshMentor(orgId);
    const reached = [
      { mentorId, count: 1 },
      { mentorId: other, count: 10 },
    ];
    const awarded = await within(orgId, (session) => awardAll(session, reached));
    expect(awarded.filter((badge) => badge.mentorId === mentorId)).toHaveLength(1);
    expect(awarded.filter((badge) => badge.mentorId === other)).toHaveLength(3);
  });

  test('by hand is marked so, and is idempotent', async () => {
    const { orgId, mentorId } = await seededOrganisation();
    const badge = await seededBadgeId(orgId, 25);
    expect(await badges.grant(as(orgId), mentorId, badge)).toMatchObject({
      outcome: 'granted',
      badge: { awardedBy: 'admin' },
    });
    expect(await badges.grant(as(orgId), mentorId, badge)).toMatchObject({ outcome: 'alreadyHeld' });
    expect(await eventsOf(orgId)).toHaveLength(1);
  });

  test('by hand is refused to a mentor of another organisation', async () => {
    const { orgId } = await seededOrganisation();
    const { mentorId: stranger } = await seededOrganisation();
    const badge = await seededBadgeId(orgId, 25);
    await expect(badges.grant(as(orgId), stranger, badge)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('earned badges', () => {
  test('are listed newest first, by mentor and page by page', async () => {
    const { orgId, mentorId } = await seededOrganisation();
    await award(orgId, mentorId, 1);
    await award(orgId, mentorId, 5);
    await award(orgId, await freshMentor(orgId), 1);
    const first = await badges.listEarned(as(orgId), { mentorId, limit: 1 });
    const second = await badges.listEarned(as(orgId), { mentorId, limit: 1, before: first.nextBefore as string });
    expect([first, second].map((page) => page.badges[0]?.badgeDefinitionId)).toEqual([
      await seededBadgeId(orgId, 5),
      await seededBadgeId(orgId, 1),
    ]);
    expect(second.nextBefore).toBeNull();
    expect((await badges.listEarned(as(orgId))).badges).toHaveLength(3);
  });

  test('of another organisation are not there', async () => {
    const one = await seededOrganisation();
    const other = await seededOrganisation();
    await award(one.orgId, one.mentorId, 5);
    expect((await badges.listEarned(as(other.orgId), { mentorId: one.mentorId })).badges).toEqual([]);
    const held = await badges.exists(as(other.orgId), one.mentorId, await seededBadgeId(one.orgId, 5));
    expect(held).toEqual({ exists: false, earnedBadgeId: null });
    await expect(badges.getDefinition(as(other.orgId), await seededBadgeId(one.orgId, 5))).rejects.toThrow('not_found');
  });
});

describe('a badge definition', () => {
  test('adds its threshold to the milestones, when made and when changed', async () => {
    const { orgId } = await seededOrganisation();
    const made = await badges.createDefinition(as(orgId), { name: 'Treer', criteriaValue: 3 });
    expect(await milestones.listThresholds(as(orgId))).toEqual([1, 3, 5, 10, 25, 50]);
    await badges.updateDefinition(as(orgId), made.badgeDefinitionId, { criteriaValue: 7 });
    expect(await milestones.listThresholds(as(orgId))).toEqual([1, 3, 5, 7, 10, 25, 50]);
  });

  test('has a name of its own in the organisation', async () => {
    const { orgId } = await seededOrganisation();
    const again = badges.createDefinition(as(orgId), { name: 'Verver – 5', criteriaValue: 6 });
    await expect(again).rejects.toThrow('already_exists');
  });

  test.each([
    { name: ' ' },
    { name: 'x'.repeat(101) },
    { criteriaValue: 0 },
    { criteriaValue: 1.5 },
    { iconKey: '<svg>' },
  ])('is refused with %j', async (over) => {
    const { orgId } = await seededOrganisation();
    const made = badges.createDefinition(as(orgId), { name: 'Treer', criteriaValue: 3, ...over });
    await expect(made).rejects.toThrow('invalid_request');
  });
});

describe('milestones', () => {
  test('can be chosen, and those of badges in use stay', async () => {
    const { orgId } = await seededOrganisation();
    expect(await milestones.setThresholds(as(orgId), [2, 100])).toEqual([1, 2, 5, 10, 25, 100]);
    await expect(milestones.setThresholds(as(orgId), [0])).rejects.toThrow('invalid_request');
  });

  test('passed before they were set are previewed, then granted once and marked, with badges and notices', async () => {
    const { orgId, mentorId } = await seededOrganisation();
    const backfill = createBackfill(parts);
    await setTotal(orgId, mentorId, 6);
    const preview = await backfill.preview(as(orgId));
    expect(preview.milestones.map((award) => award.threshold)).toEqual([1, 5]);
    expect(preview.badges).toHaveLength(2);
    expect(await eventsOf(orgId)).toEqual([]);

    const granted = await backfill.grant(as(orgId));
    expect(granted.milestones).toEqual(preview.milestones);
    expect((await milestones.listAwards(as(orgId))).awards).toMatchObject([
      { threshold: 1, reachedCount: 6, origin: 'backfill', credited: 6 },
      { threshold: 5, reachedCount: 6, origin: 'backfill', credited: 6 },
    ]);
    expect((await eventsOf(orgId)).map((event) => event.type)).toEqual([
      'milestone.reached',
      'milestone.reached',
      'badge.awarded',
      'badge.awarded',
    ]);
    expect(await backfill.grant(as(orgId))).toEqual({ outcome: 'granted', milestones: [], badges: [] });
  });

  test('granted by several backfills at once are granted once', async () => {
    const { orgId, mentorId } = await seededOrganisation();
    await setTotal(orgId, mentorId, 10);
    const backfill = createBackfill(parts);
    const all = await Promise.all([1, 2, 3, 4].map(() => backfill.grant(as(orgId))));
    expect(all.flatMap((one) => one.milestones)).toHaveLength(3);
    expect(all.flatMap((one) => one.badges)).toHaveLength(3);
  });

  test('are told of when a count falls below them, and the award stays', async () => {
    const { orgId, mentorId } = await seededOrganisation();
    await setTotal(orgId, mentorId, 5);
    await createBackfill(parts).grant(as(orgId));
    await within(orgId, (session) =>
      countCredits(session, [{ mentorId, actIndex: 0, change: -1 }], DEFAULT_THRESHOLDS),
    );
    expect((await eventsOf(orgId)).at(-1)).toMatchObject({
      type: 'milestone.revoked',
      mentor_id: mentorId,
      data: { threshold: 5, count: 4 },
    });
    expect((await milestones.listAwards(as(orgId), { mentorId })).awards).toHaveLength(2);
    expect((await badges.listEarned(as(orgId), { mentorId })).badges).toHaveLength(2);
  });

  test('that were never reached are not told of', async () => {
    const { orgId, mentorId } = await seededOrganisation();
    await setTotal(orgId, mentorId, 5);
    await within(orgId, (session) =>
      countCredits(session, [{ mentorId, actIndex: 0, change: -1 }], DEFAULT_THRESHOLDS),
    );
    expect(await eventsOf(orgId)).toEqual([]);
  });

  test('are listed page by page for a badge service that reconciles', async () => {
    const { orgId, mentorId } = await seededOrganisation();
    await setTotal(orgId, mentorId, 25);
    await createBackfill(parts).grant(as(orgId));
    const thresholds: number[] = [];
    for (let after: { mentorId: string; threshold: number } | null | undefined; after !== null; ) {
      const page = await milestones.listAwards(as(orgId), { limit: 3, ...(after && { after }) });
      thresholds.push(...page.awards.map((award) => award.threshold));
      after = page.nextAfter;
    }
    expect(thresholds).toEqual([1, 5, 10, 25]);
  });
});
