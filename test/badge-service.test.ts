import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { RecordedEvent } from '../src/engine/events/event.ts';
import type { Call } from '../src/engine/parts.ts';
import { createVerve, type Verve, type VerveOptions } from '../src/engine/verve.ts';
import { type Background, startBackground } from '../src/server/background.ts';
import { makeLogger } from '../src/server/logger.ts';
import { addMentor } from './add-mentor.ts';
import { testDatabase } from './harness.ts';
import { system, testSecret } from './harness-verve.ts';
import { type BadgeReceiver, startBadgeReceiver } from './stand-ins/badge-receiver.ts';
import { expectAllZero } from './zero-list.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Site {
  verve: Verve;
  call: Call;
  mentorId: string;
  confirm(member: string, occurredAt: Date): ReturnType<Verve['attributions']['confirmRecruitment']>;
}

/** An organisation with its seeded badges and one mentor. */
async function open(options: Partial<VerveOptions> = {}): Promise<Site> {
  const { pool } = await testDatabase();
  const verve = createVerve({ database: pool, secret: testSecret, allowLoopbackEndpoints: true, ...options });
  const { orgId } = await verve.organisations.create({ actor: system, slug: `t-${randomUUID()}`, name: 'Lydhør' });
  const { mentorId, code } = await addMentor(orgId);
  return {
    verve,
    call: { orgId, actor: system },
    mentorId,
    confirm: (newMemberId, occurredAt) =>
      verve.attributions.confirmRecruitment({ orgId, actor: system, code, newMemberId, occurredAt }),
  };
}

/** A badge service at the other end of the wire, and a server that sends. */
async function serve({ verve, call }: Site): Promise<BadgeReceiver & { background: Background }> {
  const { pool } = await testDatabase();
  const receiver = await startBadgeReceiver();
  closers.push(() => receiver.close());
  const { secret } = await verve.webhookEndpoints.create(call, { url: receiver.url, kind: 'badge_service' });
  receiver.secrets.push(secret);
  const background = await startBackground({
    verve,
    pool,
    publicUrl: 'https://verve.example.no',
    logger: makeLogger('silent'),
    allowLoopback: true,
  });
  closers.push(() => background.close());
  return Object.assign(receiver, { background });
}

const types = (receiver: BadgeReceiver) => receiver.received.map((request) => request.event.type).sort();
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);

async function until(isSo: () => boolean): Promise<void> {
  for (const startedAt = Date.now(); !isSo(); ) {
    if (Date.now() - startedAt > 8000) throw new Error('It did not become so');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a badge service', () => {
  test('hears of five confirmations as two milestones and two badges, each with its key', async () => {
    const site = await open();
    const receiver = await serve(site);
    for (const member of ['M-1', 'M-2', 'M-3', 'M-4', 'M-5']) await site.confirm(member, daysAgo(3));
    await until(() => receiver.received.length === 4);
    expect(types(receiver)).toEqual([
      'verve.badge.awarded.v1',
      'verve.badge.awarded.v1',
      'verve.milestone.reached.v1',
      'verve.milestone.reached.v1',
    ]);
    expect(receiver.awards.has(`${site.call.orgId}:${site.mentorId}:recruits_5`)).toBe(true);
    expect(receiver.awards.size).toBe(4);
    expect(receiver.verified).toEqual({ accepted: 4, refused: 0 });
    expect(receiver.received.every((request) => !/"M-\d/.test(request.body))).toBe(true);
    await expectAllZero((await testDatabase()).adminPool, site.call.orgId);
  });

  test('hears of a fall once, and of nothing when the count comes back', async () => {
    const site = await open();
    const receiver = await serve(site);
    await site.confirm('M-1', daysAgo(3));
    const { orgId, actor } = site.call;
    await site.verve.attributions.applyFacts({
      orgId,
      actor,
      facts: [{ kind: 'reversed', memberId: 'M-1', occurredAt: daysAgo(2), source: 'api', sourceRef: 'r-1' }],
    });
    await site.confirm('M-1', daysAgo(1));
    await until(() => receiver.received.length === 3);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(types(receiver)).toEqual([
      'verve.badge.awarded.v1',
      'verve.milestone.reached.v1',
      'verve.milestone.revoked.v1',
    ]);
    const badges = await site.verve.badges.listEarned(site.call, { mentorId: site.mentorId });
    expect(badges.badges).toHaveLength(1);
    await expectAllZero((await testDatabase()).adminPool, site.call.orgId);
  });

  test('that hangs delays no confirmation', async () => {
    const site = await open();
    const receiver = await serve(site);
    receiver.afterwards({ kind: 'slow', delayMs: 5000 });
    const startedAt = Date.now();
    for (const member of ['M-1', 'M-2', 'M-3', 'M-4', 'M-5']) {
      expect((await site.confirm(member, daysAgo(3))).outcome).toBe('confirmed');
    }
    expect(Date.now() - startedAt).toBeLessThan(4000);
    await receiver.close();
  });
});

describe('a badge service of the host’s own', () => {
  test('is told after the commit, of milestones and badges and of nothing else', async () => {
    const told: string[] = [];
    const events: RecordedEvent[] = [];
    const site = await open({
      badgeService: {
        async notifyBadgeService(mentorId, eventType, event) {
          told.push(`${eventType} ${mentorId}`);
          events.push(event);
        },
      },
    });
    await site.confirm('M-1', daysAgo(3));
    await until(() => told.length === 2);
    expect(told.sort()).toEqual([`badge.awarded ${site.mentorId}`, `milestone.reached ${site.mentorId}`]);
    expect(events[0]?.orgId).toBe(site.call.orgId);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
    ['never answers', () => new Promise<void>(() => {})],
  ])('that %s undoes nothing', async (_how, notifyBadgeService) => {
    const site = await open({ badgeService: { notifyBadgeService } });
    expect((await site.confirm('M-1', daysAgo(3))).outcome).toBe('confirmed');
    const { badges } = await site.verve.badges.listEarned(site.call, { mentorId: site.mentorId });
    expect(badges).toHaveLength(1);
  });
});
