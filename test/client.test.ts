import { beforeAll, expect, test } from 'vitest';
import { createClient, readEvents, VerveProblem } from '../src/client/index.ts';
import { routes } from '../src/client/operations.generated.ts';
import { operations } from '../src/http/operations.ts';
import { makeSite, type Site } from './http-site.ts';

let site: Site;
beforeAll(async () => {
  site = await makeSite();
});

test('the client has a method for every operation', () => {
  expect(Object.keys(routes).sort()).toEqual(operations.map(({ id }) => id).sort());
});

test('a developer with a key goes from a mentor to a confirmed recruitment through the typed client', async () => {
  const tenant = await site.organisation();
  const client = createClient({ baseUrl: 'http://verve.example', token: tenant.key, fetch: site.handler });
  const mentor = await client.createMentor({ body: { display_name: 'Solveig Tveitmo' } });
  const code = await client.getOrCreateReferralCode({ body: { mentor_id: mentor.id } });
  const registration = await client.createRegistration({ body: { code: code.code } });
  expect(registration.outcome).toBe('registered');
  const confirmed = await client.confirmReferralAttribution({
    path: { id: registration.attribution_id ?? '' },
    body: { new_member_id: '10293' },
  });
  expect(confirmed.outcome).toBe('confirmed');
  const page = await client.listReferralAttributions({ query: { mentor_id: mentor.id, limit: 5 } });
  expect(page.data).toMatchObject([{ status: 'confirmed', new_member_id: '10293' }]);
  const picture = await client.getReferralCodeQrSvg({ path: { id: code.id } });
  expect(await (picture as Response).text()).toContain('<svg');
});

test('a report is typed and given as JSON, and as the response itself where CSV is asked for', async () => {
  const tenant = await site.organisation();
  const client = createClient({ baseUrl: 'http://verve.example', token: tenant.key, fetch: site.handler });
  const { steps } = await client.getFunnelReport();
  expect(steps).toHaveLength(5);
  const { data } = await client.getMentorsReport({ query: { format: 'json' } });
  expect(data).toEqual([]);
  // Types: `text` is of a Response alone, and this file is checked by the compiler.
  const table = await client.getMentorsReport({ query: { format: 'csv', delimiter: 'semicolon' } });
  expect(await table.text()).toContain(';');
  const format = ['json', 'csv'][Math.floor(Math.random() * 2)] as 'json' | 'csv';
  const either = await client.getTimelineReport({ query: { format } });
  expect(either instanceof Response || Array.isArray(either.data)).toBe(true);
});

test('a refusal is thrown with its code, its fields and the request’s id', async () => {
  const client = createClient({ baseUrl: 'http://verve.example', fetch: site.handler });
  const refusal = await client.listMentors().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(VerveProblem);
  expect(refusal).toMatchObject({
    code: 'unauthenticated',
    status: 401,
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
});

test('the same Idempotency-Key is carried out once', async () => {
  const tenant = await site.organisation();
  const client = createClient({ baseUrl: 'http://verve.example', token: () => tenant.key, fetch: site.handler });
  const options = { idempotencyKey: 'branch-1' };
  const first = await client.createBranch({ body: { name: 'Vestland' } }, options);
  const second = await client.createBranch({ body: { name: 'Vestland' } }, options);
  expect(second).toEqual(first);
});

test('files are sent as they are: a table as text, a picture as what it says it is', async () => {
  const tenant = await site.organisation();
  const client = createClient({ baseUrl: 'http://verve.example', token: tenant.key, fetch: site.handler });
  const file = 'medlemsnummer;status;dato\n10293;bekreftet;20.11.2026\n';
  const report = await client.importMemberships({ query: { preview: 'true' }, body: file });
  expect(report.results).toEqual({ unmatched: 1 });
  const picture = new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>'], { type: 'image/svg+xml' });
  const changed = await client.setOrganisationLogo({ path: { id: tenant.orgId }, body: picture });
  expect(changed.logo_url).toMatch(new RegExp(`^/assets/organisations/${tenant.slug}/logo\\?v=`));
});

test('a stream is read sign by sign, and goes on after the last event that was seen', async () => {
  const tenant = await site.organisation();
  const client = createClient({ baseUrl: 'http://verve.example', token: tenant.key, fetch: site.handler });
  const signs = readEvents(await client.streamEvents());
  const { value: opening } = await signs.next();
  expect(opening?.event).toBeNull();
  const mentors = await Promise.all(
    [1, 2].map((number) => client.createMentor({ body: { display_name: `Mentor ${number}` } })),
  );
  for (const { id } of mentors) await client.getOrCreateReferralCode({ body: { mentor_id: id } });
  const { value: first } = await signs.next();
  expect(first).toMatchObject({
    lastEventId: first?.event?.id,
    event: { type: 'code.created', mentor_id: mentors[0]?.id },
  });
  await signs.return();
  const again = readEvents(await client.streamEvents({}, { lastEventId: first?.lastEventId ?? '' }));
  await again.next();
  expect((await again.next()).value).toMatchObject({ event: { type: 'code.created', mentor_id: mentors[1]?.id } });
  await again.return();
});
