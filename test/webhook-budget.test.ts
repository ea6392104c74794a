import { expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { signMessage } from '../src/engine/webhooks/sign.ts';
import { makeSite } from './http-site.ts';

async function arrange() {
  const site = await makeSite({ budgetFactor: 0.05 }); // 30 public requests, 6 wrong credentials a minute
  const { orgId, slug } = await site.organisation();
  const { value } = await site.verve.secrets.rotateInboundSecret({
    orgId,
    actor: hostActor,
    purpose: 'webhook_signing',
  });
  const deliver = async (id: string, signature?: string) => {
    const body = { status: 'confirmed', external_member_id: id };
    const timestampSeconds = Math.floor(Date.now() / 1000);
    const proof = await signMessage([value ?? ''], { id, timestampSeconds, body: JSON.stringify(body) });
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(timestampSeconds),
      'webhook-signature': signature ?? proof,
    };
    return (await site.send('POST', `/api/v1/webhooks/membership/${slug}`, { body, headers })).status;
  };
  return deliver;
}

test('signed deliveries spend no budget: a membership system may send hundreds a second', async () => {
  const deliver = await arrange();
  const statuses = new Set<number>();
  for (let n = 0; n < 60; n += 1) statuses.add(await deliver(`msg_${n}`));
  expect([...statuses]).toEqual([202]);
});

test('wrong signatures spend the budget of wrong credentials, and right ones still come through', async () => {
  const deliver = await arrange();
  const statuses: number[] = [];
  for (let n = 0; n < 8; n += 1) statuses.push(await deliver(`msg_${n}`, 'v1,AAAA'));
  expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 429, 429]);
  expect(await deliver('msg_good')).toBe(202);
});
