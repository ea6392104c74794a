import { afterAll, expect, test } from 'vitest';
import { createHandler } from '../src/http/handler.ts';
import { creditsOf } from './add-mentor.ts';
import { dataverseOrganisation } from './dataverse-organisation.ts';
import { testVerve } from './harness-verve.ts';
import { sendContext } from './stand-ins/dataverse-sender.ts';

const verve = await testVerve();
const org = await dataverseOrganisation(verve);
const handler = createHandler(verve, {
  publicUrl: 'http://verve.example',
  checkAnswers: true,
  dataverse: org.connections,
});
afterAll(() => org.dataverse.close());

const address = (query = '') => `http://verve.example/api/v1/webhooks/membership/${org.slug}/dataverse${query}`;
const credits = async () => (await creditsOf(org.orgId)).get(org.mentor.mentorId) ?? 0;

test('Dataverse posts, is answered 202 at once, and the member is credited', async () => {
  const context = org.contextOf(org.addRow());
  const headers = { 'x-referral-key': org.key };
  expect(await sendContext(address(), { ...context, headers }, handler)).toEqual([202]);
  await expect.poll(credits).toBe(1);
});

test('the key may be in the address, as the WebhookKey kind has it', async () => {
  const before = await credits();
  expect(await sendContext(address(`?code=${org.key}`), org.contextOf(org.addRow()), handler)).toEqual([202]);
  await expect.poll(credits).toBe(before + 1);
});

test('a wrong key and an unknown organisation are answered alike, and not tried again', async () => {
  const context = { ...org.contextOf(org.addRow()), headers: { 'x-referral-key': 'wrong' } };
  expect(await sendContext(address(), context, handler)).toEqual([401]);
  expect(await sendContext(address().replace(org.slug, 'nobody'), context, handler)).toEqual([401]);
});

test('a body above 256 KiB is refused, whatever it claims', async () => {
  const body = JSON.stringify({ padding: 'x'.repeat(262_144) });
  const headers = { 'content-type': 'application/json', 'x-referral-key': org.key };
  expect((await handler(new Request(address(), { method: 'POST', headers, body }))).status).toBe(413);
});

test('a repetition is told from a new delivery', async () => {
  const fixed = { operationId: crypto.randomUUID(), operationAt: new Date() };
  const context = {
    ...org.contextOf(org.addRow(), fixed),
    headers: { 'x-referral-key': org.key },
  };
  const answers: unknown[] = [];
  const keep = async (request: Request) => {
    const response = await handler(request);
    answers.push(await response.clone().json());
    return response;
  };
  const before = await credits();
  await sendContext(address(), context, keep);
  await expect.poll(credits).toBe(before + 1);
  await sendContext(address(), context, keep);
  expect(answers).toEqual([{ is_repeated: false }, { is_repeated: true }]);
});
