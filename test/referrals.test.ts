import { beforeEach, describe, expect, test } from 'vitest';
import { createVerve } from '../src/engine/verve.ts';
import { testDatabase } from './harness.ts';
import {
  system as actor,
  asPerson,
  newMentor,
  organisationWithMentor,
  testSecret,
  testVerve,
} from './harness-verve.ts';

const { pool, adminPool } = await testDatabase();
const verve = await testVerve();

let orgId: string;
let code: string;

beforeEach(async () => {
  ({ orgId } = await organisationWithMentor(verve));
  const made = await verve.referrals.generateCode({ orgId, actor, ownerModel: 'Customer', ownerRef: 'c-1' });
  if (!('code' in made)) throw new Error(made.outcome);
  code = made.code.code;
});

function sale(sourceRef: string, more: { refereeRef?: string; code?: string } = {}) {
  return { orgId, actor, code, refereeRef: 'c-2', refereeModel: 'Customer', sourceRef, sourceModel: 'Order', ...more };
}

describe('a sale', () => {
  test('credits the owner of the code, once for each order of one buyer', async () => {
    expect(await verve.referrals.attributeSale(sale('o-1'))).toMatchObject({
      outcome: 'confirmed',
      referrer: { ownerRef: 'c-1' },
    });
    expect(await verve.referrals.attributeSale(sale('o-1'))).toMatchObject({ outcome: 'alreadyConfirmed' });
    expect(await verve.referrals.attributeSale(sale('o-2'))).toMatchObject({ outcome: 'confirmed' });
    const listed = await verve.referrals.listForReferrer({ orgId, actor, ownerModel: 'Customer', ownerRef: 'c-1' });
    expect(listed.map((row) => row.isCredited)).toEqual([true, true]);
  });

  test('at once over several connections credits once', async () => {
    const engines = Array.from({ length: 6 }, () => createVerve({ database: pool, secret: testSecret }));
    const outcomes = await Promise.all(engines.map((one) => one.referrals.attributeSale(sale('o-9'))));
    expect(outcomes.filter((one) => one?.outcome === 'confirmed')).toHaveLength(1);
  });

  test('goes on without credit under an unknown code and under one’s own', async () => {
    expect(await verve.referrals.attributeSale(sale('o-1', { code: 'ZZZZZZZZZZ' }))).toBeNull();
    expect(await verve.referrals.attributeSale(sale('o-1', { refereeRef: 'c-1' }))).toBeNull();
  });

  test('moves no mentor’s total unless the organisation counts its source model', async () => {
    const mentorId = await newMentor(verve, orgId);
    const made = await verve.codes.getOrCreate({ orgId, actor, mentorId });
    if (!('code' in made)) throw new Error(made.outcome);
    await verve.referrals.attributeSale(sale('o-1', { code: made.code.code }));
    expect(await verve.attributions.getTotalRecruitments({ orgId, actor, mentorId })).toBe(0);
    await verve.organisations.update({
      orgId,
      actor,
      change: { settings: { rules: { countedSourceModels: ['membership', 'Order'] } } },
    });
    await verve.referrals.attributeSale(sale('o-2', { code: made.code.code }));
    expect(await verve.attributions.getTotalRecruitments({ orgId, actor, mentorId })).toBe(1);
  });

  test('in the host’s own transaction commits with the order or not at all, and tells after the commit', async () => {
    await adminPool.query('create table if not exists public.orders (id text primary key)');
    await adminPool.query('grant insert, select on public.orders to verve_app');
    const heard: string[] = [];
    const stop = verve.events.on('referral:converted', (event) => heard.push(event.type));
    for (const [order, end] of [
      ['kept', 'commit'],
      ['lost', 'rollback'],
    ] as const) {
      const client = await pool.connect();
      await client.query('begin');
      await client.query('insert into public.orders values ($1)', [order]);
      const enlisted = verve.enlist(client);
      await enlisted.referrals.attributeSale(sale(order));
      await client.query(end);
      client.release();
      if (end === 'commit') enlisted.committed();
    }
    stop();
    const listed = await verve.referrals.listForReferrer({ orgId, actor, ownerModel: 'Customer', ownerRef: 'c-1' });
    expect(listed).toHaveLength(1);
    expect(heard).toEqual(['referral:converted']);
  });
});

test('a coordinator of a branch lists what its mentors have brought, and nobody else’s', async () => {
  const { branchId } = await verve.branches.create({ orgId, actor, name: 'Troms' });
  const mentorId = await newMentor(verve, orgId, branchId);
  const coordinator = asPerson('coordinator', branchId);
  const listed = { orgId, actor: coordinator, ownerModel: 'mentor' };
  expect(await verve.referrals.listForReferrer({ ...listed, ownerRef: mentorId })).toEqual([]);
  const elsewhere = await newMentor(verve, orgId);
  await expect(verve.referrals.listForReferrer({ ...listed, ownerRef: elsewhere })).rejects.toMatchObject({
    code: 'forbidden',
  });
});

test('a deactivated code resolves to nobody, and its sales still find who it was', async () => {
  expect(await verve.referrals.resolveReferrer({ orgId, actor, code })).toMatchObject({ ownerRef: 'c-1' });
  expect(await verve.referrals.deactivate({ orgId, actor, ownerModel: 'Customer', ownerRef: 'c-1' })).toMatchObject({
    outcome: 'success',
  });
  expect(await verve.referrals.deactivate({ orgId, actor, ownerModel: 'Customer', ownerRef: 'c-1' })).toEqual({
    outcome: 'alreadyInactive',
  });
  expect(await verve.referrals.resolveReferrer({ orgId, actor, code })).toBeNull();
  expect(await verve.referrals.lookupByCode({ orgId, actor, code })).toMatchObject({ status: 'invalidated' });
});

test('a sale that waits for review is approved or rejected under the general engine’s own names', async () => {
  await verve.organisations.update({ orgId, actor, change: { settings: { rules: { review: 'all' } } } });
  const waiting = await verve.referrals.attributeSale(sale('o-1'));
  expect(waiting).toMatchObject({ outcome: 'awaitingReview' });
  const heard: string[] = [];
  const stop = verve.events.on('*', (event) => heard.push(event.type));
  const approvals = [{ actor }];
  const attributionId = waiting?.attributionId ?? '';
  expect(await verve.referrals.updateApprovals({ orgId, actor, attributionId, approvals })).toMatchObject({
    outcome: 'approved',
  });
  stop();
  expect(heard).toEqual(
    expect.arrayContaining(['review.approved', 'referral:approved', 'recruitment.credited', 'referral:converted']),
  );
});
