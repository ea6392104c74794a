import { beforeAll, describe, expect, test } from 'vitest';
import { makeSite, type Site } from './http-site.ts';

let site: Site;
beforeAll(async () => {
  site = await makeSite();
});

interface Frame {
  id: string;
  event: string;
  data: Record<string, unknown>;
}

/** Opens a stream; `next` waits for one more event, `silent` says whether none came for a while. */
async function openStream(as: string, options: { lastEventId?: string; query?: string } = {}) {
  const response = await site.handler(
    new Request(`http://verve.example/api/v1/events${options.query ?? ''}`, {
      headers: {
        authorization: `Bearer ${as}`,
        ...(options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId }),
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
        frames.push({ id: line('id') ?? '', event: line('event') ?? '', data: JSON.parse(line('data') ?? '{}') });
      }
    }
    return frames.shift() as Frame;
  }
  /** The id that the stream gives before anything has happened. */
  async function opening(): Promise<string> {
    const { value } = await reader.read();
    return /^id: (.*)$/m.exec(new TextDecoder().decode(value))?.[1] ?? '';
  }
  return { next, opening, close: () => reader.cancel() };
}

test('asked for by HEAD is no stream that stays open: however often, one can be opened afterwards', async () => {
  const tenant = await site.organisation();
  for (let times = 0; times < 12; times += 1) {
    const reply = await site.send('HEAD', '/api/v1/events', { as: tenant.key });
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  }
  const stream = await openStream(tenant.key);
  await stream.close();
});

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

test('a Last-Event-ID that this stream never gave is refused, also one of another organisation', async () => {
  const [{ key }, foreign] = [await site.organisation(), await site.organisation()];
  const stream = await openStream(foreign.key);
  const { mentorId } = await foreign.mentor();
  await site.send('POST', '/api/v1/referral-codes', { as: foreign.key, body: { mentor_id: mentorId } });
  const { id } = await stream.next();
  await stream.close();
  for (const given of ["1' or 1=1", '17', '99999999-9999-4999-8999-999999999999', id]) {
    const reply = await site.send('GET', '/api/v1/events', { as: key, headers: { 'last-event-id': given } });
    expect(reply, given).toMatchObject({ status: 400, body: { code: 'invalid_cursor' } });
  }
});

test('the id of an event is the event’s own and tells nothing of how many there are', async () => {
  const tenant = await site.organisation();
  const { mentorId } = await tenant.mentor();
  await site.send('POST', '/api/v1/referral-codes', { as: tenant.key, body: { mentor_id: mentorId } });
  const stream = await openStream(tenant.key, { lastEventId: '0' });
  const first = await stream.next();
  await stream.close();
  expect(first.event).toBe('code.created');
  expect(first.id).toBe(first.data.id);
  expect(first.data).not.toHaveProperty('seq');
});

test('who heard nothing before the stream broke off hears afterwards what happened in between', async () => {
  const tenant = await site.organisation();
  const [first, second] = [await tenant.mentor(), await tenant.mentor()];
  await site.send('POST', '/api/v1/referral-codes', { as: tenant.key, body: { mentor_id: first.mentorId } });
  // Told to somebody: no transaction that is still open elsewhere in the cluster keeps it back any more.
  const told = await openStream(tenant.key, { lastEventId: '0' });
  await told.next();
  await told.close();
  const quiet = await openStream(tenant.key);
  const remembered = await quiet.opening();
  await quiet.close();
  await site.send('POST', '/api/v1/referral-codes', { as: tenant.key, body: { mentor_id: second.mentorId } });
  const again = await openStream(tenant.key, { lastEventId: remembered });
  expect((await again.next()).data.mentor_id).toBe(second.mentorId);
  await again.close();
});

describe('ends within seconds', () => {
  test('when its key is revoked', async () => {
    const tenant = await site.organisation();
    const key = await tenant.keyWith(['reports:read']);
    const list = await site.send('GET', '/api/v1/api-keys', { as: tenant.key });
    const made = (list.body.data as { id: string; prefix: string }[]).find(({ prefix }) => key.startsWith(prefix));
    const stream = await openStream(key);
    await site.send('DELETE', `/api/v1/api-keys/${made?.id}`, { as: tenant.key });
    await expect(stream.next()).rejects.toThrow('the stream ended');
  });

  test('when the person’s last role is taken away, telling nothing more', async () => {
    const tenant = await site.organisation();
    const { userId, token } = await tenant.person('coordinator');
    const stream = await openStream(token);
    const roles = await site.send('GET', '/api/v1/roles', { as: tenant.key });
    const held = (roles.body.data as { id: string; user_id: string }[]).find((role) => role.user_id === userId);
    expect((await site.send('DELETE', `/api/v1/roles/${held?.id}`, { as: tenant.key })).status).toBe(204);
    const { mentorId } = await tenant.mentor();
    await site.send('POST', '/api/v1/referral-codes', { as: tenant.key, body: { mentor_id: mentorId } });
    await expect(stream.next()).rejects.toThrow('the stream ended');
  });
});
