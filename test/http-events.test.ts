import { beforeAll, expect, test } from 'vitest';
import { makeSite, type Site } from './http-site.ts';

let site: Site;
beforeAll(async () => {
  site = await makeSite();
});

interface Frame {
  id: number;
  event: string;
  data: Record<string, unknown>;
}

/** Opens a stream; `next` waits for one more event, `silent` says whether none came for a while. */
async function openStream(as: string, options: { lastEventId?: number; query?: string } = {}) {
  const response = await site.handler(
    new Request(`http://verve.example/api/v1/events${options.query ?? ''}`, {
      headers: {
        authorization: `Bearer ${as}`,
        ...(options.lastEventId === undefined ? {} : { 'last-event-id': String(options.lastEventId) }),
      },
    }),
  );
  expect(response.status).toBe(200);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let pending = '';
  const frames: Frame[] = [];
  async function next(): Promise<Frame> {
    while (frames.length === 0) {
      const { value, done } = await reader.read();
      if (done) throw new Error('the stream ended');
      pending += new TextDecoder().decode(value);
      const parts = pending.split('\n\n');
      pending = parts.pop() ?? '';
      for (const part of parts) {
        const line = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1];
        if (line('data') === undefined) continue;
        frames.push({ id: Number(line('id')), event: line('event') ?? '', data: JSON.parse(line('data') ?? '{}') });
      }
    }
    return frames.shift() as Frame;
  }
  return { next, close: () => reader.cancel() };
}

test('a coordinator hears of what happens, at once, and a mentor of own codes alone', async () => {
  const tenant = await site.organisation();
  const { mentorId, token } = await tenant.mentor();
  const other = await tenant.mentor();
  const coordinator = await tenant.person('coordinator');
  const wide = await openStream(coordinator.token);
  const own = await openStream(token);
  await site.send('POST', '/api/v1/referral-codes', { as: tenant.key, body: { mentor_id: other.mentorId } });
  const made = await site.send('POST', '/api/v1/referral-codes', { as: tenant.key, body: { mentor_id: mentorId } });
  await site.send('POST', '/api/v1/registrations', { body: { code: made.body.code } });
  expect(await wide.next()).toMatchObject({ event: 'code.created', data: { mentor_id: other.mentorId } });
  expect(await wide.next()).toMatchObject({ event: 'code.created', data: { mentor_id: mentorId } });
  expect(await wide.next()).toMatchObject({ event: 'registration.recorded', data: { mentor_id: mentorId } });
  expect(await own.next()).toMatchObject({ event: 'code.created', data: { mentor_id: mentorId } });
  await site.send('PUT', `/api/v1/referral-codes/${made.body.id}`, { as: tenant.key, body: { action: 'rotate' } });
  expect((await own.next()).event).toMatch(/^code\./); // the registration in between was not told
  await Promise.all([wide.close(), own.close()]);
});

test('a stream goes on after the last event that was seen, without a gap and without a repetition', async () => {
  const tenant = await site.organisation();
  const first = await openStream(tenant.key);
  const mentors = await Promise.all([1, 2, 3].map(() => tenant.mentor()));
  for (const { mentorId } of mentors) {
    await site.send('POST', '/api/v1/referral-codes', { as: tenant.key, body: { mentor_id: mentorId } });
  }
  const seen = await first.next();
  await first.close();
  const again = await openStream(tenant.key, { lastEventId: seen.id });
  expect((await again.next()).data.mentor_id).toBe(mentors[1]?.mentorId);
  expect((await again.next()).data.mentor_id).toBe(mentors[2]?.mentorId);
  await again.close();
});

test('a stream can be narrowed to types, and another organisation’s events are never in it', async () => {
  const [tenant, foreign] = [await site.organisation(), await site.organisation()];
  const stream = await openStream(tenant.key, { query: '?type=code.*' });
  const stranger = await foreign.mentor();
  await site.send('POST', '/api/v1/referral-codes', { as: foreign.key, body: { mentor_id: stranger.mentorId } });
  const { mentorId } = await tenant.mentor();
  const { body } = await site.send('POST', '/api/v1/referral-codes', { as: tenant.key, body: { mentor_id: mentorId } });
  await site.send('POST', '/api/v1/registrations', { body: { code: body.code } });
  await site.send('DELETE', `/api/v1/referral-codes/${body.id}`, { as: tenant.key });
  expect(await stream.next()).toMatchObject({ event: 'code.created', data: { mentor_id: mentorId } });
  expect(await stream.next()).toMatchObject({ event: 'code.invalidated' });
  await stream.close();
});

test('a Last-Event-ID that this stream never gave is refused', async () => {
  const { key } = await site.organisation();
  const reply = await site.send('GET', '/api/v1/events', { as: key, headers: { 'last-event-id': "1' or 1=1" } });
  expect(reply).toMatchObject({ status: 400, body: { code: 'invalid_cursor' } });
});
