import { randomUUID } from 'node:crypto';
import { signMessage } from '../../src/engine/webhooks/sign.ts';
import { operations } from '../../src/http/operations.ts';
import { textPlaces, withText } from '../example-bodies.ts';
import type { Canaries } from './canary.ts';

/** What a walk needs to know of the server under test. */
export interface WalkOptions {
  origin: string;
  slug: string;
  orgId: string;
  canaries: Canaries;
  /** A key with every scope. */
  key: string;
  /** Tokens of an administrator and of a mentor. */
  adminToken: string;
  mentorToken: string;
  mentorUserId: string;
  signingSecret: string;
  headerKey: string;
  /** Receivers of webhooks, good and bad. */
  receivers: readonly string[];
}

/** An answer that refused something; `isPage` = a page for people, whose form holds what they typed. */
export interface Refusal {
  about: string;
  status: number;
  isPage: boolean;
  text: string;
}

/** Goes through the product as everybody does, well and badly. Answers every refusal that came back. */
export async function walk(options: WalkOptions): Promise<{ refusals: Refusal[]; answers: number }> {
  const { origin, slug, canaries, key, adminToken, mentorToken } = options;
  const refusals: Refusal[] = [];
  let answers = 0;

  async function send(method: string, path: string, how: { as?: string; body?: unknown; headers?: object } = {}) {
    const { as, body, headers = {} } = how;
    const isText = typeof body === 'string' || body instanceof URLSearchParams;
    const response = await fetch(`${origin}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        'x-forwarded-for': canaries.address,
        ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
        ...(body === undefined || body instanceof URLSearchParams ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    answers += 1;
    const isPage = response.headers.get('content-type')?.startsWith('text/html') === true;
    if (response.status >= 400) refusals.push({ about: `${method} ${path}`, status: response.status, isPage, text });
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, body: (isJson && text !== '' ? JSON.parse(text) : {}) as Record<string, string> };
  }

  async function deliver(body: unknown, headers: object = {}): Promise<void> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const id = `msg_${randomUUID()}`;
    const timestampSeconds = Math.floor(Date.now() / 1000);
    const signature = await signMessage([options.signingSecret], { id, timestampSeconds, body: text });
    const signed = { 'webhook-id': id, 'webhook-timestamp': String(timestampSeconds), 'webhook-signature': signature };
    await send('POST', `/api/v1/webhooks/membership/${slug}`, { body: text, headers: { ...signed, ...headers } });
  }

  // People and receivers.
  for (const url of options.receivers) {
    await send('POST', '/api/v1/webhook-endpoints', { as: adminToken, body: { url, description: canaries.text } });
  }
  const mentors: string[] = [];
  for (const userId of [options.mentorUserId, randomUUID()]) {
    const body = { display_name: canaries.name, user_id: userId };
    mentors.push(String((await send('POST', '/api/v1/mentors', { as: key, body })).body.id));
    await send('POST', '/api/v1/mentors', { as: key, body }); // the same user id again
  }
  await send('POST', '/api/v1/branches', { as: key, body: { name: canaries.text } });
  await send('POST', '/api/v1/branches', { as: key, body: { name: canaries.text } });

  // A code, its link, a click, a registration with contact data.
  const codes: string[] = [];
  for (const mentorId of mentors) {
    const made = await send('POST', '/api/v1/referral-codes', { as: key, body: { mentor_id: mentorId } });
    if (made.status >= 400) throw new Error(`No code was made: ${made.status}`);
    codes.push(String(made.body.code));
  }
  canaries.learned.push(...codes);
  const [code = '', otherCode = ''] = codes;
  const body = { mentor_id: mentors[1], code };
  await send('POST', '/api/v1/referral-code-records', { as: key, body }); // taken
  await send('POST', '/api/v1/shares', { as: key, body: { mentor_id: mentors[0], channel: 'sms' } });
  await send('GET', '/api/v1/referral-codes', { as: mentorToken });
  await send('GET', `/r/${code}`);
  await send('GET', `/join/${code}?t=${canaries.sessionToken}`);
  await send('GET', `/join?ref=${code}`);
  await send('GET', `/join/${canaries.text}`);
  const click = { code, session_token: canaries.sessionToken, metadata: { share_channel: 'sms' } };
  const clicked = await send('POST', '/api/v1/referral-attributions', { body: click });
  const form = { name: canaries.name, email: canaries.email, phone: canaries.phone.slice(3), consent: 'yes' };
  for (const act of [
    { ...form, act: 'register' },
    { ...form, act: 'register', phone: canaries.text, email: canaries.name },
  ]) {
    await send('POST', `/join/${code}`, { body: new URLSearchParams({ ...act, submission: randomUUID() }) });
  }
  await send('POST', '/api/v1/deep-links/parse', {
    body: { url: `https://example.org/join/${code}?x=${canaries.email}` },
  });
  const [member = '', otherMember = '', thirdMember = ''] = canaries.memberIds;
  const registration = { code, registration_ref: canaries.registrationRef, device_token: canaries.deviceToken };
  await send('POST', '/api/v1/registrations', { as: key, body: { ...registration, new_member_id: member } });
  await send('POST', '/api/v1/registrations', { body: { ...registration, new_member_id: member } }); // nobody may name one

  // The membership system, well and badly.
  const fact = { status: 'confirmed', external_member_id: member, referral_code: code };
  await deliver(fact);
  await deliver([
    fact,
    { ...fact, external_member_id: otherMember, referral_code: 'ZZZZZZZZZZ' },
    { status: canaries.text },
  ]);
  await deliver({ ...fact, referral_code: otherCode }); // a conflict
  await deliver(`{"external_member_id":"${member}",`);
  await deliver(`[1,"${canaries.text}"]`);
  await deliver(fact, { 'webhook-signature': `v1,${canaries.text}` });
  await send('POST', `/api/v1/webhooks/membership/${slug}`, {
    body: fact,
    headers: { 'x-referral-key': options.headerKey },
  });
  for (const malformed of [
    `{"MessageName":"Create","PrimaryEntityName":"${canaries.text}","InputParameters":"${member}"}`,
    {
      MessageName: 'Create',
      PrimaryEntityName: 'contact',
      PrimaryEntityId: member,
      InputParameters: [{ key: 'Target', value: { Attributes: [{ key: 'emailaddress1', value: canaries.email }] } }],
    },
    `<Entity>${canaries.name}</Entity>`,
    '',
  ]) {
    const headers = { 'x-referral-key': options.headerKey };
    await send('POST', `/api/v1/webhooks/membership/${slug}/dataverse`, { body: malformed, headers });
    await send('POST', `/api/v1/webhooks/membership/${slug}/dataverse`, { body: malformed });
  }
  const csv = `medlemsnummer;vervekode;status;dato\n${thirdMember};${otherCode};bekreftet;20.11.2026\n${member};${canaries.text};x;y\n`;
  await send('POST', '/api/v1/imports', { as: key, body: csv, headers: { 'content-type': 'text/csv' } });
  await send('POST', '/api/v1/imports', {
    as: key,
    body: `${canaries.text};${canaries.email}\n1;2\n`,
    headers: { 'content-type': 'text/csv' },
  });
  await send('POST', '/api/v1/claims', { as: key, body: { claimant: 'member', code, member_id: otherMember } });
  await send('PUT', `/api/v1/referral-attributions/${clicked.body.id}`, {
    as: key,
    body: { code, new_member_id: otherMember },
  });
  await send('POST', '/api/v1/reconciliations', { as: key });
  await send('POST', '/api/v1/privacy/export', { as: adminToken, body: { member_id: member } });

  // Every operation with the canary in each text, path and query, as somebody who may and as nobody.
  for (const operation of operations.filter(({ id }) => id !== 'streamEvents')) {
    const method = operation.method.toUpperCase();
    const at = (filling: string) => operation.path.replaceAll(/\{\w+\}/g, encodeURIComponent(filling));
    if (operation.path.includes('{')) await send(method, at(canaries.text), { as: key });
    await send(method, `${at(mentors[0] ?? '')}?${canaries.text}=${canaries.email}`, { as: key });
    await send(method, at(mentors[0] ?? ''), { as: `${canaries.text}.${canaries.text}.${canaries.text}` });
    if (operation.body === null) continue;
    await send(method, at(mentors[0] ?? ''), { as: key, body: { [canaries.text]: canaries.email } });
    await send(method, at(mentors[0] ?? ''), { as: key, body: `{"${canaries.text}":` });
    for (const way of textPlaces(operation.bodyExample)) {
      await send(method, at(mentors[0] ?? ''), { as: key, body: withText(operation.bodyExample, way, canaries.text) });
    }
  }
  await send('GET', `/api/v1/${canaries.text}?email=${canaries.email}`, { as: key });
  await send('GET', `/${canaries.text}`);
  await send('GET', '/api/v1/me', { as: canaries.text });
  await send('POST', '/api/v1/branches', { as: mentorToken, body: { name: canaries.text } });
  await send('GET', '/api/v1/referral-codes', { as: key, headers: { 'verve-organisation': canaries.text } });
  await send('POST', '/api/v1/privacy/erase', { as: adminToken, body: { member_id: member, confirm: 'erase' } });
  return { refusals, answers };
}
