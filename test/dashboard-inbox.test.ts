import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { openDashboard } from './dashboard-site.ts';
import { expectRefused, settled, testScreens, violationsOf, visitorsOf } from './dashboard-visitor.ts';

// The coordinator's inbox in a real Chromium: what waits, one case, its decision with the consequence before it.

const site = await openDashboard();
type Place = Awaited<ReturnType<typeof site.organisation>>;

async function codeOf(orgId: string, mentorId: string): Promise<string> {
  const given = await site.verve.codes.getOrCreate({ orgId, actor: hostActor, mentorId });
  return 'code' in given ? given.code.code : '';
}

/** An organisation in which a conflict, an unknown code, a claim and a recruitment to approve wait. */
async function withCases() {
  const place = await site.organisation();
  const call = { orgId: place.orgId, actor: hostActor };
  const [coordinator, ownUser] = [randomUUID(), randomUUID()];
  await site.verve.roles.grant({ ...call, userId: coordinator, role: 'coordinator' });
  await site.verve.roles.grant({ ...call, userId: ownUser, role: 'coordinator' });
  const made = await site.verve.mentors.create({ ...call, userId: ownUser, displayName: 'Odd Arne Bakkeli' });
  const laterId = 'mentor' in made ? made.mentor.mentorId : '';
  const [first, later] = [await codeOf(place.orgId, place.mentorId), await codeOf(place.orgId, laterId)];
  await site.verve.attributions.confirmRecruitment({ ...call, code: first, newMemberId: 'member-1' });
  await site.verve.attributions.confirmRecruitment({ ...call, code: later, newMemberId: 'member-1' });
  const wrong = `${first.slice(0, 9)}${first.endsWith('Z') ? 'Y' : 'Z'}`;
  await site.verve.attributions.confirmRecruitment({ ...call, code: wrong, newMemberId: 'member-2' });
  await site.verve.inbox.claimRecruitment({
    ...call,
    claimant: 'mentor',
    mentorId: place.mentorId,
    metOn: '2026-11-09',
    channel: 'qr',
  });
  await site.verve.organisations.update({ ...call, change: { settings: { rules: { review: 'all' } } } });
  const review = await site.verve.attributions.confirmRecruitment({ ...call, code: first, newMemberId: 'member-3' });
  const reviewId = 'attributionId' in review ? (review.attributionId ?? '') : '';
  const items = await site.verve.inbox.list(call);
  const idOf = (kind: string) => items.find((item) => item.kind === kind)?.inboxItemId ?? '';
  return { place, call, coordinator, ownUser, laterId, reviewId, idOf };
}

/** A claim of a mentor's, and a recruitment that another mentor has. */
async function withClaim(memberId: string | null = null) {
  const place = await site.organisation();
  const call = { orgId: place.orgId, actor: hostActor };
  const coordinator = await site.person('coordinator', place);
  const made = await site.verve.mentors.create({ ...call, displayName: 'Odd Arne Bakkeli' });
  const code = await codeOf(place.orgId, 'mentor' in made ? made.mentor.mentorId : '');
  await codeOf(place.orgId, place.mentorId);
  const credited = await site.verve.attributions.confirmRecruitment({ ...call, code, newMemberId: 'member-9' });
  const claim = { claimant: memberId === null ? 'mentor' : 'member', mentorId: place.mentorId, memberId } as const;
  const { inboxItemId: claimId } = await site.verve.inbox.claimRecruitment({ ...call, ...claim });
  return [{ place, call, coordinator, claimId }, 'attributionId' in credited ? credited.attributionId : ''] as const;
}

const kept = await withCases();
const visitors = visitorsOf(site, kept.place);
const paths = (): string[] => [
  '/inbox',
  '/inbox?kind=claim&sort=newest',
  '/inbox?state=decided',
  ...['conflict', 'unknown_code', 'claim'].map((kind) => `/inbox/${kept.idOf(kind)}`),
  `/inbox/reviews/${kept.reviewId}`,
];

const totalOf = async ({ orgId, mentorId }: Pick<Place, 'orgId' | 'mentorId'>) => {
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const rows = await site.verve.reports.mentors({ orgId, actor: hostActor, fromDay: day(-5), toDay: day(2) });
  return rows.find((row) => row.mentorId === mentorId)?.credited;
};

describe('the screens', () => {
  testScreens({ visitors, userId: kept.coordinator, paths });
});

describe('the list', () => {
  test('is the first screen when something waits, and its heading and the navigation count it', async () => {
    const { page } = await visitors.open({ userId: kept.coordinator });
    await visitors.visit(page, '');
    await page.waitForURL(`**/app/${kept.place.slug}/inbox`);
    await page.waitForSelector('h1:has-text("4 saker venter på deg")');
    await page.waitForSelector('.nav .count');
    expect(await page.textContent('.nav .count')).toBe('44 saker venter');
    expect(await page.locator('.rowlink.case').count()).toBe(4);
    expect(await page.textContent('.rows')).toContain('Solveig Tveitmo savner en verving fra 9. november');
    expect(await page.content()).not.toContain('member-1');
  });

  test('is narrowed to a kind in the address, which Back undoes', async () => {
    const { page } = await visitors.open({ userId: kept.coordinator });
    await visitors.visit(page, '/inbox');
    await page.getByRole('button', { name: 'Uten treff 1' }).click();
    expect(page.url()).toContain('?kind=unknown_code');
    expect(await page.locator('.rowlink.case').count()).toBe(1);
    await page.goBack();
    expect(await page.locator('.rowlink.case').count()).toBe(4);
    await page.getByRole('button', { name: 'Mislykket levering 0' }).click();
    expect(await page.textContent('main h2')).toBe('Ingen saker av denne typen');
  });

  test('is not the first screen when nothing waits, and says that this is good', async () => {
    const place = await site.organisation();
    const userId = randomUUID();
    await site.verve.roles.grant({ orgId: place.orgId, actor: hostActor, userId, role: 'coordinator' });
    const { page } = await visitorsOf(site, place).open({ userId });
    await page.goto(`/app/${place.slug}`);
    await page.waitForURL(`**/app/${place.slug}/overview`);
    await page.goto(`/app/${place.slug}/inbox`);
    await page.waitForSelector('h1:has-text("Ingen saker venter")');
  });

  test('is no mentor’s, and a case of another organisation looks like none', async () => {
    const mentor = await visitors.open({ userId: kept.place.userId });
    for (const path of ['/inbox', `/inbox/${kept.idOf('conflict')}`]) {
      await visitors.visit(mentor.page, path);
      await expectRefused(mentor.page);
    }
    const place = await site.organisation();
    const userId = randomUUID();
    await site.verve.roles.grant({ orgId: place.orgId, actor: hostActor, userId, role: 'org_admin' });
    const { page } = await visitorsOf(site, place).open({ userId });
    for (const path of [`/inbox/${kept.idOf('conflict')}`, `/inbox/reviews/${kept.reviewId}`]) {
      await page.goto(`/app/${place.slug}${path}`);
      await page.waitForSelector('h1:has-text("Denne siden er ikke her")');
    }
  });
});

describe('a decision', () => {
  let cases: Awaited<ReturnType<typeof withCases>>;
  let own: ReturnType<typeof visitorsOf>;
  beforeAll(async () => {
    cases = await withCases();
    own = visitorsOf(site, cases.place);
  });

  test('moves a credit by keyboard: consequence first, a reason, then the next case and Undo', async () => {
    const { page } = await own.open({ userId: cases.coordinator });
    await own.visit(page, `/inbox/${cases.idOf('conflict')}`);
    await page.getByLabel('Flytt til Odd Arne Bakkeli').focus();
    await page.keyboard.press('Space');
    await page.waitForSelector('.foreseen li');
    const foreseen = (await page.locator('.foreseen li').allInnerTexts()).join(' | ').replace(/\s+/g, ' ');
    expect(foreseen).toContain('Solveig Tveitmo 1 → 0 vervet');
    expect(foreseen).toContain('Odd Arne Bakkeli 0 → 1 vervet');
    expect(await totalOf(cases.place)).toBe(1);
    const act = page.getByRole('button', { name: 'Flytt vervingen' });
    await act.press('Enter');
    expect(await page.textContent('#decision-missing')).toBe('Skriv en begrunnelse');
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.type('Medlemmet sier at Odd Arne vervet.');
    await act.press('Enter');
    await page.waitForSelector('.toast:has-text("Vervingen er flyttet til Odd Arne Bakkeli")');
    expect(page.url()).not.toContain(cases.idOf('conflict'));
    expect(await totalOf({ ...cases.place, mentorId: cases.laterId })).toBe(1);
    await page.getByRole('button', { name: 'Angre' }).click();
    await page.waitForURL(`**/inbox/${cases.idOf('conflict')}`);
    await page.waitForSelector('.toast:has-text("Saken er åpnet igjen")');
    expect(await totalOf(cases.place)).toBe(1);
  });

  test('matches a mistyped code to the mentor whose code is like it', async () => {
    const { page } = await own.open({ userId: cases.coordinator });
    await own.visit(page, `/inbox/${cases.idOf('unknown_code')}`);
    await page.getByLabel('Koble til Solveig Tveitmo').check();
    await page.fill('#decision-reason', 'Feilskrevet');
    await page.getByRole('button', { name: 'Koble vervingen' }).click();
    await page.waitForSelector('.toast:has-text("koblet til Solveig Tveitmo")');
    const item = await site.verve.inbox.get({ ...cases.call, inboxItemId: cases.idOf('unknown_code') });
    expect(item).toMatchObject({ status: 'resolved', resolution: 'code_corrected', resolutionReason: 'Feilskrevet' });
  });

  test('that somebody else took meanwhile keeps the form and says what was decided', async () => {
    const { page } = await own.open({ userId: cases.coordinator });
    const inboxItemId = cases.idOf('claim');
    await own.visit(page, `/inbox/${inboxItemId}`);
    await page.getByLabel('Vi fant ikke vervingen').check();
    await page.fill('#decision-reason', 'Min begrunnelse');
    await site.verve.inbox.resolve({ ...cases.call, inboxItemId, reason: 'En annens', by: { how: 'dismiss' } });
    await page.getByRole('button', { name: 'Avslå etterlysningen' }).click();
    await page.waitForSelector('.alert:has-text("En annens")');
    expect(await page.inputValue('#decision-reason')).toBe('Min begrunnelse');
    expect(await page.getByRole('button', { name: 'Avslå etterlysningen' }).isDisabled()).toBe(true);
    await page.reload();
    await settled(page);
    expect(await page.textContent('#decided')).toBe('Slik ble det');
    expect(await page.locator('form').count()).toBe(0);
  });

  test('about oneself can be read, but not taken', async () => {
    const { page } = await own.open({ userId: cases.ownUser });
    await own.visit(page, `/inbox/${cases.idOf('conflict')}`);
    expect(await page.textContent('main .alert')).toContain('En annen koordinator må avgjøre den');
    expect(await page.locator('form').count()).toBe(0);
  });

  test('that the server refuses to foresee cannot be taken: a recruitment that was removed meanwhile', async () => {
    const [another, attributionId] = await withClaim();
    const { page } = await visitorsOf(site, another.place).open({ userId: another.coordinator });
    await page.goto(`/app/${another.place.slug}/inbox/${another.claimId}`);
    await settled(page);
    await site.verve.attributions.remove({ ...another.call, attributionId, reason: 'Feil' });
    await page.getByLabel('Koble til en verving vi kjenner').check();
    await page.getByLabel('Velg verving').selectOption(attributionId);
    await page.waitForSelector('.foreseen:has-text("Dette lar seg ikke gjøre")');
    expect(await page.getByRole('button', { name: 'Koble vervingen' }).isDisabled()).toBe(true);
  });

  test('links a claim that names no member to the recruitment it is about, which moves to the claimant', async () => {
    const [another, attributionId] = await withClaim();
    const { page } = await visitorsOf(site, another.place).open({ userId: another.coordinator });
    await page.goto(`/app/${another.place.slug}/inbox/${another.claimId}`);
    await settled(page);
    await page.getByLabel('Koble til en verving vi kjenner').check();
    const choice = page.getByLabel('Velg verving');
    expect(await choice.locator(`option[value="${attributionId}"]`).textContent()).toMatch(
      /^\d{1,2}\. \p{L}+ · Odd Arne Bakkeli · Godskrevet$/u,
    );
    expect(await page.content()).not.toContain('member-9');
    await choice.selectOption(attributionId);
    await page.waitForSelector('.foreseen:has-text("0 → 1 vervet")');
    expect(await violationsOf(page)).toEqual([]);
    await page.fill('#decision-reason', 'De møttes på stand');
    await page.getByRole('button', { name: 'Koble vervingen' }).click();
    await page.waitForSelector('.toast:has-text("Solveig Tveitmo")');
    expect(await totalOf(another.place)).toBe(1);
    const item = await site.verve.inbox.get({ ...another.call, inboxItemId: another.claimId });
    expect(item).toMatchObject({ status: 'resolved', resolution: 'reassigned' });
  });

  test('attaches a claim that names its member to the claimant', async () => {
    const [another] = await withClaim('member-10');
    const { page } = await visitorsOf(site, another.place).open({ userId: another.coordinator });
    await page.goto(`/app/${another.place.slug}/inbox/${another.claimId}`);
    await settled(page);
    expect(await page.getByLabel('Koble til en verving vi kjenner').count()).toBe(0);
    await page.getByLabel('Koble til Solveig Tveitmo').check();
    await page.fill('#decision-reason', 'De kjenner hverandre');
    await page.getByRole('button', { name: 'Koble vervingen' }).click();
    await page.waitForSelector('.toast:has-text("koblet til Solveig Tveitmo")');
  });

  test('approves what waits for approval, after the count was shown; it says that this cannot be undone', async () => {
    const { page } = await own.open({ userId: cases.coordinator });
    const before = (await totalOf(cases.place)) ?? 0;
    await own.visit(page, `/inbox/reviews/${cases.reviewId}`);
    await page.getByLabel('Godkjenn').check();
    await page.waitForSelector(`.foreseen:has-text("${before} → ${before + 1} vervet")`);
    expect(await page.textContent('form')).toContain('Dette kan ikke angres');
    await page.getByRole('button', { name: 'Godkjenn vervingen' }).click();
    await page.waitForSelector('.toast:has-text("Vervingen er godkjent")');
    expect(await totalOf(cases.place)).toBe(before + 1);
  });

  test('rejects with a reason of the list; «other» asks for words', async () => {
    const { page } = await visitors.open({ userId: kept.coordinator });
    await visitors.visit(page, `/inbox/reviews/${kept.reviewId}`);
    await page.getByLabel('Avvis').check();
    await page.getByLabel('Hvorfor', { exact: true }).selectOption('other');
    await page.getByRole('button', { name: 'Avvis vervingen' }).click();
    expect(await page.textContent('#decision-missing')).toBe('Skriv en begrunnelse');
    await page.getByLabel('Hvorfor', { exact: true }).selectOption('duplicate');
    await page.getByRole('button', { name: 'Avvis vervingen' }).click();
    await page.waitForSelector('.toast:has-text("Vervingen er avvist")');
    const told = await site.verve.attributions.explain({ ...kept.call, attributionId: kept.reviewId });
    expect(told.reviews.map(({ state, reasonCode }) => [state, reasonCode])).toEqual([['rejected', 'duplicate']]);
  });
});
