import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seedBadges, seededBadgeId } from '../src/engine/badges/seed-definitions.ts';
import { createBadges } from '../src/engine/badges/service.ts';
import { RETRY_SCHEDULE_SECONDS } from '../src/engine/webhooks/retry-schedule.ts';
import { all, type Outgoing, openOutgoing } from './webhooks-out.ts';

let out: Outgoing;

beforeEach(async () => {
  out = await openOutgoing();
});
afterEach(() => out.close());

describe('a delivery', () => {
  test('is made by the transaction that makes the event, or not at all', async () => {
    await out.receiver();
    const failing = out.database.transaction({ role: 'verve_engine', orgId: out.orgId }, async (session) => {
      await session.query(`insert into verve.referral_events (org_id, type) values ($1, 'milestone.reached')`, [
        out.orgId,
      ]);
      throw new Error('the credit failed');
    });
    await expect(failing).rejects.toThrow('the credit failed');
    expect(await out.deliveries()).toEqual([]);
    const eventIds = await out.reach(1, 5);
    expect((await out.deliveries()).map((delivery) => delivery.event_id).sort()).toEqual(eventIds.sort());
  });

  test('is made for every endpoint whose filter asks for the type, and for no other', async () => {
    const everything = await out.receiver();
    const noun = await out.receiver({ eventTypes: ['milestone.*'] });
    const exact = await out.receiver({ eventTypes: ['milestone.reached', 'code.created'] });
    await out.receiver({ eventTypes: ['recruitment.*'] });
    const disabled = await out.receiver();
    await out.endpoints.disable(out.call, disabled.endpointId);
    await out.reach(5);
    const wanted = [everything, noun, exact].map((receiver) => receiver.endpointId).sort();
    expect((await out.deliveries()).map((delivery) => delivery.endpoint_id).sort()).toEqual(wanted);
  });

  test('arrives as a CloudEvent that two independent verifiers accept', async () => {
    const receiver = await out.receiver();
    const [eventId] = await out.reach(5);
    out.sender();
    await out.until(all('delivered'));
    expect(receiver.verified).toEqual({ accepted: 1, refused: 0 });
    const [request] = receiver.received;
    expect(request?.headers).toMatchObject({
      'content-type': 'application/cloudevents+json',
      'webhook-id': eventId,
      'user-agent': 'Verve-Webhooks/1',
    });
    expect(request?.event).toMatchObject({
      specversion: '1.0',
      id: eventId,
      type: 'verve.milestone.reached.v1',
      source: `https://verve.example.no/organisations/${out.orgId}`,
      data: { mentor_id: out.mentorId, threshold: 5, award_key: `${out.orgId}:${out.mentorId}:recruits_5` },
    });
  });

  test('that was changed on the way is refused by the verifiers: the check can fail', async () => {
    const receiver = await out.receiver();
    receiver.secrets.splice(0, 1, `whsec_${btoa('another secret of 24 bytes')}`);
    await out.reach(5);
    out.sender();
    await out.until(all('delivered'));
    expect(receiver.verified).toEqual({ accepted: 0, refused: 1 });
  });

  test('is tried again with the same id and the same bytes, and applied once', async () => {
    const receiver = await out.receiver({ eventTypes: ['milestone.*'] });
    receiver.behave({ kind: 'status', status: 500 }, { kind: 'dropReply' }, { kind: 'status', status: 503 });
    await out.reach(5);
    out.sender();
    for (const attempts of [1, 2, 3]) {
      await out.until(([delivery]) => delivery?.attempts === attempts && delivery.claim === null);
      out.ahead += 3 * 3600;
    }
    await out.until(all('delivered'));
    expect(receiver.received).toHaveLength(4);
    expect(new Set(receiver.received.map((request) => `${request.id} ${request.body}`)).size).toBe(1);
    expect([...receiver.awards.values()]).toEqual([1]);
    const [delivery] = await out.deliveries();
    const { tries } = await out.log.get(out.call, delivery?.id as string);
    expect(tries.map((tried) => [tried.attempt, tried.status, tried.failure])).toEqual([
      [1, 500, 'http_status'],
      [2, null, 'connection_failed'],
      [3, 503, 'http_status'],
      [4, 204, null],
    ]);
  });

  test('to a receiver that knows no award key is applied twice: the check can fail', async () => {
    const receiver = await out.receiver();
    receiver.forgetAwardKeys();
    receiver.behave({ kind: 'dropReply' });
    await out.reach(5);
    out.sender();
    await out.until(([delivery]) => delivery?.attempts === 1);
    out.ahead += 60;
    await out.until(all('delivered'));
    expect([...receiver.awards.values()]).toEqual([2]);
  });

  test('waits as the schedule says after each failure', async () => {
    const receiver = await out.receiver({ eventTypes: ['milestone.*'] });
    receiver.afterwards({ kind: 'status', status: 500 });
    await out.reach(5);
    out.sender();
    for (let attempts = 1; attempts < RETRY_SCHEDULE_SECONDS.length; attempts += 1) {
      const [delivery] = await out.until(([one]) => one?.attempts === attempts && one.claim === null);
      const waits = ((delivery?.due_at.getTime() ?? 0) - Date.now()) / 1000 - out.ahead;
      const scheduled = RETRY_SCHEDULE_SECONDS[attempts] as number;
      expect(waits).toBeGreaterThan(scheduled - 2);
      expect(waits).toBeLessThanOrEqual(scheduled * 1.1);
      out.ahead += scheduled * 1.1;
    }
  });
});

describe('an endpoint', () => {
  test('that answers 410 is disabled, told of, and keeps what waits for it', async () => {
    const receiver = await out.receiver();
    receiver.behave({ kind: 'status', status: 410 });
    await out.reach(1);
    out.sender();
    await out.until(([delivery]) => delivery?.last_failure === 'gone');
    await out.reach(5); // nothing is made for it any more
    expect(await out.deliveries()).toMatchObject([{ status: 'pending', attempts: 1 }]);
    expect(await out.endpoints.get(out.call, receiver.endpointId)).toMatchObject({
      status: 'disabled',
      disabledReason: 'gone',
    });
    expect(await out.inbox()).toMatchObject([
      { kind: 'stuck_delivery', status: 'open', details: { reason: 'gone', waiting: 1 } },
    ]);
    await sleep(100);
    expect(receiver.received).toHaveLength(1);

    await out.endpoints.enable(out.call, receiver.endpointId);
    await out.until(all('delivered'));
    expect(await out.inbox()).toMatchObject([{ status: 'resolved' }]);
  });

  test.each([
    [429, { 'retry-after': '120' }, 120],
    [503, { 'retry-after': '60' }, 60],
    [502, {}, 15],
  ])('that answers %i %j rests for %i seconds', async (status, headers, seconds) => {
    const receiver = await out.receiver();
    receiver.behave({ kind: 'status', status, headers: headers as Record<string, string> });
    await out.reach(1);
    out.sender();
    await out.until(([delivery]) => delivery?.attempts === 1);
    await out.reach(5);
    out.ahead += seconds - 5;
    await sleep(150);
    expect(receiver.received).toHaveLength(1);
    out.ahead += 10;
    await out.until(all('delivered'));
  });

  test('that redirects is not followed', async () => {
    const elsewhere = await out.receiver();
    await out.endpoints.disable(out.call, elsewhere.endpointId);
    const receiver = await out.receiver();
    receiver.behave({ kind: 'status', status: 307, headers: { location: elsewhere.url } });
    await out.reach(1);
    out.sender();
    await out.until(([delivery]) => delivery?.last_failure === 'redirect');
    expect(elsewhere.received).toEqual([]);
  });

  test('that answers too late has failed, and holds up no other', async () => {
    const slow = await out.receiver();
    slow.afterwards({ kind: 'slow', delayMs: 3000 });
    const good = await out.receiver();
    await out.reach(1, 5, 10);
    out.sender({ timeoutMs: 300, perEndpoint: 2, concurrency: 4 });
    await out.until((deliveries) => deliveries.filter((one) => one.last_failure === 'timeout').length === 3);
    expect(good.received).toHaveLength(3);
  });

  test('that answers without end is cut off and has answered', async () => {
    const receiver = await out.receiver();
    receiver.behave({ kind: 'endless' });
    await out.reach(1);
    out.sender();
    await out.until(all('delivered'));
  });

  test('that nobody listens at has failed', async () => {
    const receiver = await out.receiver();
    await receiver.close();
    await out.reach(1);
    out.sender();
    await out.until(([delivery]) => delivery?.last_failure === 'connection_failed');
  });

  test('shows its secret once, and the database holds it sealed', async () => {
    const receiver = await out.receiver();
    const [secret] = receiver.secrets as [string];
    expect(JSON.stringify(await out.endpoints.list(out.call))).not.toContain(secret.slice(6));
    const { rows } = await out.db.adminPool.query('select * from verve.webhook_endpoints where org_id = $1', [
      out.orgId,
    ]);
    expect(JSON.stringify(rows)).not.toContain(secret.slice(6));
    expect(Buffer.from(rows[0].sealed_secret).includes(Buffer.from(secret.slice(6), 'base64'))).toBe(false);
  });

  test('under rotation is signed for with both secrets, and after the deadline with the new one', async () => {
    const receiver = await out.receiver();
    const [old] = receiver.secrets as [string];
    const { secret } = await out.endpoints.rotateSecret(out.call, receiver.endpointId, { overlapHours: 2 });
    out.sender();
    await out.reach(1);
    await out.until(all('delivered'));
    expect(receiver.received[0]?.headers['webhook-signature']?.split(' ')).toHaveLength(2);
    expect(receiver.verified).toEqual({ accepted: 1, refused: 0 }); // with the old secret

    out.ahead += 2 * 3600 + 1;
    await out.reach(5);
    await out.until((deliveries) => deliveries.length === 2 && all('delivered')(deliveries));
    expect(receiver.verified).toEqual({ accepted: 1, refused: 1 });
    receiver.secrets = [secret];
    await out.reach(10);
    await out.until((deliveries) => deliveries.length === 3 && all('delivered')(deliveries));
    expect(receiver.verified).toEqual({ accepted: 2, refused: 1 });
    expect(old).not.toBe(secret);
  });

  test('can be tested: one try, on the log, without event or alarm', async () => {
    const receiver = await out.receiver();
    receiver.behave({ kind: 'ok' }, { kind: 'status', status: 500 });
    out.sender();
    const good = await out.log.sendTest(out.call, receiver.endpointId);
    await out.until(all('delivered'));
    expect(receiver.received[0]).toMatchObject({ id: good.deliveryId, event: { type: 'verve.webhook.test.v1' } });
    expect(receiver.verified.accepted).toBe(1);
    const bad = await out.log.sendTest(out.call, receiver.endpointId);
    await out.until((deliveries) => deliveries.some((one) => one.status === 'cancelled'));
    expect(await out.log.get(out.call, bad.deliveryId)).toMatchObject({ status: 'cancelled', lastStatus: 500 });
    expect(await out.inbox()).toEqual([]);
  });

  test('that is deleted hears nothing more and leaves no address or secret behind', async () => {
    const receiver = await out.receiver();
    await out.reach(1);
    await out.endpoints.remove(out.call, receiver.endpointId);
    out.sender();
    expect(await out.deliveries()).toMatchObject([{ status: 'cancelled' }]);
    await out.reach(5);
    await sleep(100);
    expect(receiver.received).toEqual([]);
    await expect(out.endpoints.get(out.call, receiver.endpointId)).rejects.toThrow('not_found');
  });

  test('of another organisation is not there', async () => {
    const receiver = await out.receiver();
    await out.reach(1);
    const [delivery] = await out.deliveries();
    const other = await openOutgoing();
    try {
      const { endpoints, log, call } = other;
      await expect(endpoints.get(call, receiver.endpointId)).rejects.toThrow('not_found');
      await expect(endpoints.disable(call, receiver.endpointId)).rejects.toThrow('not_found');
      await expect(log.list(call, receiver.endpointId)).rejects.toThrow('not_found');
      await expect(log.get(call, delivery?.id as string)).rejects.toThrow('not_found');
      await expect(log.replay(call, delivery?.id as string)).rejects.toThrow('not_found');
      expect(await endpoints.list(call)).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test.each([
    ['an unknown type', { eventTypes: ['milestone.reachd'] }],
    ['an empty filter', { eventTypes: [] }],
    ['a private address', { url: 'https://10.0.0.8/' }],
    ['http', { url: 'http://merker.example.no/' }],
  ])('is refused with %s', async (_what, over) => {
    const made = out.endpoints.create(out.call, { url: 'https://merker.example.no/', ...over });
    await expect(made).rejects.toThrow('invalid_request');
  });

  test('is one of at most twenty, however many are made at once', async () => {
    const make = () => out.endpoints.create(out.call, { url: 'https://merker.example.no/' });
    for (let n = 0; n < 18; n += 1) await make();
    const made = await Promise.allSettled(Array.from({ length: 6 }, make));
    expect(made.filter((one) => one.status === 'fulfilled')).toHaveLength(2);
    expect(made.find((one) => one.status === 'rejected')?.reason).toMatchObject({ code: 'unprocessable' });
    expect(await out.endpoints.list(out.call)).toHaveLength(20);
  });
});

describe('a receiver that is down for four days', () => {
  test('has everything parked and told of, nothing lost, and hears it all after a replay', async () => {
    const receiver = await out.receiver({ description: 'Merketjenesten', eventTypes: ['milestone.*'] });
    receiver.afterwards({ kind: 'status', status: 500 });
    const from = new Date(Date.now() - 1000);
    const eventIds = await out.reach(1, 5, 10, 25, 50);
    out.sender();
    const startedAt = out.ahead;
    let alarmedAfterHours = Number.POSITIVE_INFINITY;
    while (!all('parked')(await out.deliveries())) {
      const round = Math.min(...(await out.deliveries()).map((delivery) => delivery.attempts));
      await out.until((deliveries) =>
        deliveries.every((one) => one.status === 'parked' || (one.attempts > round && one.claim === null)),
      );
      if ((await out.inbox()).length > 0)
        alarmedAfterHours = Math.min(alarmedAfterHours, (out.ahead - startedAt) / 3600);
      const waiting = (await out.deliveries()).filter((one) => one.status === 'pending');
      if (waiting.length === 0) break;
      out.ahead = Math.max(...waiting.map((one) => one.due_at.getTime() - Date.now())) / 1000 + 1;
    }
    const tookHours = (out.ahead - startedAt) / 3600;
    expect(tookHours).toBeGreaterThan(75.5);
    expect(tookHours).toBeLessThan(75.6 * 1.1);
    expect(alarmedAfterHours).toBeLessThan(1);
    expect(receiver.received).toHaveLength(50);
    expect(await out.inbox()).toMatchObject([
      { kind: 'stuck_delivery', status: 'open', details: { name: 'Merketjenesten', reason: 'parked', parked: 5 } },
    ]);

    out.ahead = startedAt + 96 * 3600;
    receiver.afterwards({ kind: 'ok' });
    const to = new Date(Date.now() + out.ahead * 1000);
    const replayed = await out.log.replayRange(out.call, receiver.endpointId, { from, to });
    expect(replayed.count).toBe(5);
    await out.until(all('delivered'));
    expect([...receiver.awards.values()]).toEqual([1, 1, 1, 1, 1]);
    for (const eventId of eventIds) {
      const bodies = receiver.received.filter((request) => request.id === eventId).map((request) => request.body);
      expect(bodies).toHaveLength(11);
      expect(new Set(bodies).size).toBe(1);
    }
    expect(await out.inbox()).toMatchObject([{ status: 'resolved' }]);
  }, 20_000);
});

describe('a replay', () => {
  test('of one delivery sends the same id and text again', async () => {
    const receiver = await out.receiver();
    await out.reach(1);
    out.sender();
    const [delivery] = await out.until(all('delivered'));
    await out.log.replay(out.call, delivery?.id as string);
    await out.until((deliveries) => all('delivered')(deliveries) && receiver.received.length === 2);
    expect(receiver.received[1]?.id).toBe(receiver.received[0]?.id);
    expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body);
    expect([...receiver.awards.values()]).toEqual([1]);
  });

  test('of a range makes what was never made, and repeats what arrived only when asked', async () => {
    await out.reach(1, 5); // before there was an endpoint
    const receiver = await out.receiver({ eventTypes: ['milestone.reached'] });
    const range = { from: new Date(Date.now() - 60_000), to: new Date(Date.now() + 60_000) };
    expect(await out.log.replayRange(out.call, receiver.endpointId, range)).toMatchObject({
      count: 2,
      nextFrom: null,
    });
    out.sender();
    await out.until(all('delivered'));
    expect(await out.log.replayRange(out.call, receiver.endpointId, range)).toMatchObject({ count: 0 });
    const again = await out.log.replayRange(out.call, receiver.endpointId, { ...range, includeDelivered: true });
    expect(again).toMatchObject({ count: 2 });
    await out.until((deliveries) => all('delivered')(deliveries) && receiver.received.length === 4);
  });

  test('is refused for a disabled endpoint, and for a range that is none', async () => {
    const receiver = await out.receiver();
    const [from, to] = [new Date('2026-01-01'), new Date('2026-02-01')];
    const reversed = out.log.replayRange(out.call, receiver.endpointId, { from: to, to: from });
    await expect(reversed).rejects.toThrow('invalid_range');
    await out.endpoints.disable(out.call, receiver.endpointId);
    await expect(out.log.replayRange(out.call, receiver.endpointId, { from, to })).rejects.toThrow('conflict');
  });
});

describe('a badge service', () => {
  test('acknowledges what it is told of, and a failing one leaves award and credit alone', async () => {
    const badges = createBadges(out.parts);
    const receiver = await out.receiver({ kind: 'badge_service' });
    receiver.behave({ kind: 'status', status: 500 });
    await out.database.transaction({ role: 'verve_engine', orgId: out.orgId }, (session) => seedBadges(session, 'nb'));
    await badges.grant(out.call, out.mentorId, await seededBadgeId(out.orgId, 5));
    out.sender();
    await out.until(([delivery]) => delivery?.attempts === 1 && delivery.claim === null);
    const held = async () => (await badges.listEarned(out.call)).badges;
    expect(await held()).toMatchObject([{ notificationSent: false }]);
    out.ahead += 10;
    await out.until(all('delivered'));
    expect(await held()).toMatchObject([{ notificationSent: true }]);
  });

  test('acknowledges by the milestone too, and an endpoint of another kind acknowledges nothing', async () => {
    const badges = createBadges(out.parts);
    const generic = await out.receiver();
    await out.database.transaction({ role: 'verve_engine', orgId: out.orgId }, (session) => seedBadges(session, 'nb'));
    await badges.grant(out.call, out.mentorId, await seededBadgeId(out.orgId, 5));
    out.sender();
    await out.until(all('delivered'));
    expect((await badges.listEarned(out.call)).badges).toMatchObject([{ notificationSent: false }]);
    await out.endpoints.disable(out.call, generic.endpointId);
    await out.receiver({ kind: 'badge_service', eventTypes: ['milestone.reached'] });
    await out.reach(5);
    await out.until((deliveries) => deliveries.length === 2 && all('delivered')(deliveries));
    expect((await badges.listEarned(out.call)).badges).toMatchObject([{ notificationSent: true }]);
  });

  test('can be told again by hand, with the same ids', async () => {
    const receiver = await out.receiver({ kind: 'badge_service' });
    await out.reach(5);
    out.sender();
    await out.until(all('delivered'));
    const badges = createBadges(out.parts);
    const told = await badges.notifyBadgeService(out.call, out.mentorId, 'milestone.reached');
    expect(told).toEqual({ outcome: 'queued', deliveries: 1 });
    await out.until((deliveries) => all('delivered')(deliveries) && receiver.received.length === 2);
    expect(receiver.received[0]?.body).toBe(receiver.received[1]?.body);
    const nothing = await badges.notifyBadgeService(out.call, out.mentorId, 'milestone.revoked');
    expect(nothing).toEqual({ outcome: 'nothingToTell' });
  });
});

describe('the log', () => {
  test('is paged newest first and can be narrowed to a status', async () => {
    const receiver = await out.receiver();
    await out.reach(1, 5, 10);
    const first = await out.log.list(out.call, receiver.endpointId, { limit: 2 });
    const second = await out.log.list(out.call, receiver.endpointId, { limit: 2, before: first.nextBefore as string });
    const ids = [...first.deliveries, ...second.deliveries].map((delivery) => delivery.deliveryId);
    expect(new Set(ids).size).toBe(3);
    expect(second.nextBefore).toBeNull();
    expect((await out.log.list(out.call, receiver.endpointId, { status: 'parked' })).deliveries).toEqual([]);
  });

  test('forgets what was delivered long ago, and never what waits or is parked', async () => {
    await out.receiver();
    await out.reach(1);
    const sender = out.sender();
    await out.until(all('delivered'));
    await sender.stop();
    await out.reach(5);
    expect(await out.log.deleteFinished(out.call, 1)).toBe(0);
    expect(await out.log.deleteFinished(out.call, 0)).toBe(1);
    expect(await out.deliveries()).toMatchObject([{ status: 'pending' }]);
  });
});
