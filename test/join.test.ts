import { beforeAll, describe, expect, it } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { parseInstallReferrer } from '../src/engine/links/parse-link.ts';
import { answerWhileWaiting } from '../src/http/pages/waiting-pages.ts';
import { makePool } from '../src/server/pool.ts';
import { openSite, type Site } from './pages-site.ts';

const day = 86_400_000;
const template = (slug: string) => `https://${slug}.example/bli-medlem?ref={code}&reg={registration_ref}`;
const kari = { name: 'Kari Nord', phone: '40000000', email: 'kari@epost.example', consent: 'yes', act: 'register' };

let now = new Date('2026-11-20T12:00:00.000Z');
let site: Site;
beforeAll(async () => {
  site = await openSite({ clock: () => now });
});

const open = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${site.origin}${path}`, { headers, redirect: 'manual' });
const send = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(`${site.origin}${path}`, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' });

/** Opens the page and gives the id of its sheet. */
async function sheetOf(code: string): Promise<string> {
  const text = await (await open(`/join/${code}`)).text();
  return /name="submission" value="([^"]+)"/.exec(text)?.[1] ?? '';
}

describe('a registration', () => {
  it('is pending at once, under the reference that the page shows, with the contact data apart', async () => {
    const { orgId, code } = await site.organisation();
    const submission = await sheetOf(code);
    const answer = await send(`/join/${code}`, { ...kari, submission });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(`/join/${code}/registered?ref=${submission}`);
    expect(await site.registrations(orgId)).toEqual([
      { status: 'pending', registration_ref: submission, has_contact: true },
    ]);
    const thanks = await open(answer.headers.get('location') ?? '');
    expect(await thanks.text()).toContain('Lydhør tar det videre herfra.');
  });

  it('is one, however often and however concurrently the same sheet is sent', async () => {
    const { orgId, code } = await site.organisation();
    const submission = await sheetOf(code);
    const answers = await Promise.all(Array.from({ length: 12 }, () => send(`/join/${code}`, { ...kari, submission })));
    expect(new Set(answers.map((answer) => answer.headers.get('location'))).size).toBe(1);
    expect(await site.registrations(orgId)).toHaveLength(1);
  });

  it.each([
    { phone: '+47 400 00 000', email: 'annen@epost.example' },
    { phone: '41111111', email: 'KARI@epost.example' },
  ])('is not made again by the same person on another sheet: %j', async (contact) => {
    const { orgId, code } = await site.organisation();
    await send(`/join/${code}`, { ...kari, submission: await sheetOf(code) });
    const again = await send(`/join/${code}`, { ...kari, ...contact, submission: await sheetOf(code) });
    const page = await open(again.headers.get('location') ?? '');
    expect(await page.text()).toContain('Du er allerede registrert med denne koden. Alt er i orden.');
    expect(await site.registrations(orgId)).toHaveLength(1);
  });

  it('is one for each person, when eight people with the same phone number press at once', async () => {
    const { orgId, code } = await site.organisation();
    const sheets = await Promise.all(Array.from({ length: 8 }, () => sheetOf(code)));
    await Promise.all(sheets.map((submission) => send(`/join/${code}`, { ...kari, submission })));
    expect(await site.registrations(orgId)).toHaveLength(1);
  });

  it('is another one, when the next person on a shared phone goes back and uses the same sheet', async () => {
    const { orgId, code } = await site.organisation();
    const submission = await sheetOf(code);
    await send(`/join/${code}`, { ...kari, submission });
    const other = { name: 'Ola Sør', phone: '99999999', email: 'ola@epost.example' };
    const answer = await send(`/join/${code}`, { ...kari, ...other, submission });
    expect(answer.status).toBe(303);
    const made = await site.registrations(orgId);
    expect(made).toHaveLength(2);
    expect(new Set(made.map((row) => row.registration_ref)).size).toBe(2);
  });

  it('needs no contact data where the organisation asks for none, and counts all the same', async () => {
    const joinForm = { name: 'hidden', phone: 'hidden', email: 'hidden' } as const;
    const { orgId, code } = await site.organisation({ settings: { joinForm } });
    const submission = await sheetOf(code);
    await Promise.all([1, 2].map(() => send(`/join/${code}`, { submission, act: 'register' })));
    expect(await site.registrations(orgId)).toEqual([
      { status: 'pending', registration_ref: submission, has_contact: false },
    ]);
  });

  it('goes on at the organisation’s own page, with code and reference, and says when that has been used', async () => {
    const { orgId, slug, code } = await site.organisation();
    await site.organisations.update({ actor: hostActor, orgId, change: { joinUrlTemplate: template(slug) } });
    const submission = await sheetOf(code);
    const answer = await send(`/join/${code}`, { ...kari, submission });
    const thanks = await (await open(answer.headers.get('location') ?? '')).text();
    expect(thanks).toContain(`https://${slug}.example/bli-medlem?ref=${code}&amp;reg=${submission}`);
    await site.attributions.applyFacts({
      orgId,
      actor: hostActor,
      facts: [{ kind: 'confirmed', memberId: 'M-1', registrationRef: submission, source: 'api' }],
    });
    const used = await (await open(answer.headers.get('location') ?? '')).text();
    expect(used).toContain('Denne innmeldingen er allerede brukt');
  });

  it('does not reach another organisation’s code through this one’s reference', async () => {
    const one = await site.organisation();
    const two = await site.organisation();
    const submission = await sheetOf(one.code);
    await send(`/join/${one.code}`, { ...kari, submission });
    await send(`/join/${two.code}`, { ...kari, submission });
    expect(await site.registrations(one.orgId)).toHaveLength(1);
    expect(await site.registrations(two.orgId)).toHaveLength(1);
  });
});

describe('contact data', () => {
  it('is encrypted, indexed by keyed hashes only, and read by administrators alone', async () => {
    const { orgId, code } = await site.organisation();
    await send(`/join/${code}`, { ...kari, submission: await sheetOf(code) });
    const [row] = await site.rows<Record<string, Buffer>>(
      'select sealed, phone_index, email_index from verve.registration_contacts where org_id = $1',
      [orgId],
    );
    const stored = Object.values(row ?? {})
      .map((bytes) => bytes.toString('latin1'))
      .join(' ');
    expect(stored).not.toMatch(/Kari|40000000|epost/);
    expect(row?.phone_index).toHaveLength(32);
    const [waiting] = await site.contacts.list({ orgId, actor: hostActor });
    expect(waiting).toMatchObject({
      name: 'Kari Nord',
      phone: '+4740000000',
      email: kari.email,
      code,
      consentVersion: '1',
    });
    const coordinator = {
      kind: 'person',
      userId: 'x',
      mentorId: null,
      roles: [{ role: 'coordinator', branchId: null }],
    } as const;
    await expect(site.contacts.list({ orgId, actor: coordinator })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(site.contacts.list({ orgId, actor: { kind: 'public' } })).rejects.toThrow();
  });

  it('is deleted when handed over, and the registration stays', async () => {
    const { orgId, code } = await site.organisation();
    await send(`/join/${code}`, { ...kari, submission: await sheetOf(code) });
    const [waiting] = await site.contacts.list({ orgId, actor: hostActor });
    const call = { orgId, actor: hostActor, contactIds: [waiting?.contactId ?? ''] };
    expect(await site.contacts.markHandedOver(call)).toEqual({ deleted: 1 });
    expect(await site.contacts.markHandedOver(call)).toEqual({ deleted: 0 });
    expect(await site.registrations(orgId)).toMatchObject([{ status: 'pending', has_contact: false }]);
  });

  it('is deleted after 30 days, handed over or not', async () => {
    const { orgId, code } = await site.organisation();
    await send(`/join/${code}`, { ...kari, submission: await sheetOf(code) });
    const begun = now;
    now = new Date(begun.getTime() + 30 * day - 1);
    expect(await site.contacts.deleteExpired({ orgId })).toBe(0);
    now = new Date(begun.getTime() + 30 * day);
    expect(await site.contacts.deleteExpired({ orgId })).toBe(1);
    now = begun;
    expect(await site.registrations(orgId)).toMatchObject([{ has_contact: false }]);
  });
});

describe('clicks', () => {
  const counted = (orgId: string) =>
    site.rows<{ class: string; hits: number }>(
      `select class, count(*)::int as hits from verve.referral_clicks where org_id = $1 group by class order by class`,
      [orgId],
    );
  const phone = {
    'user-agent':
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1',
  };

  it('are one for one opening, however the language is changed, and a press is the second figure', async () => {
    const { orgId, code } = await site.organisation();
    const text = await (await open(`/join/${code}`, phone)).text();
    const token = /name="t" value="([^"]+)"/.exec(text)?.[1] ?? '';
    await open(`/join/${code}?lang=en&t=${token}`, phone);
    const submission = /name="submission" value="([^"]+)"/.exec(text)?.[1] ?? '';
    await send(`/join/${code}`, { ...kari, submission, t: token }, phone);
    expect(await counted(orgId)).toEqual([
      { class: 'human', hits: 1 },
      { class: 'join', hits: 1 },
    ]);
    const [made] = await site.rows<{ clicked_at: Date | null }>(
      'select clicked_at from verve.referral_attributions where org_id = $1',
      [orgId],
    );
    expect(made?.clicked_at).not.toBeNull();
  });

  it('of previews count as previews, and not at all for a link that has ended', async () => {
    const { orgId, mentorId, code } = await site.organisation();
    await open(`/join/${code}`, {
      'user-agent': 'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
    });
    const ended = await site.addCode({
      orgId,
      mentorId,
      status: 'invalidated',
      endedAt: new Date(now.getTime() - day),
    });
    await open(`/join/${ended}`, phone);
    expect(await counted(orgId)).toEqual([{ class: 'preview', hits: 1 }]);
  });
});

describe('the form', () => {
  it('keeps what was typed, says what is wrong, and makes nothing', async () => {
    const { orgId, code } = await site.organisation({ settings: { joinForm: { phone: 'required' } } });
    const answer = await send(`/join/${code}?lang=nn`, {
      ...kari,
      name: '"><script>x',
      phone: '12',
      email: 'kari',
      consent: '',
    });
    expect(answer.status).toBe(422);
    const text = await answer.text();
    expect(text).toContain('value="&quot;&gt;&lt;script&gt;x"');
    expect(text).toContain('Skriv eit norsk mobilnummer med 8 siffer');
    expect(text).toContain('3 ting må rettast');
    expect(text).toMatch(/<title>Feil: Velkomen til Lydhør/);
    expect(text).not.toContain('<script');
    expect(text).toContain('id="wrong" role="alert" tabindex="-1" autofocus');
    expect(await site.registrations(orgId)).toHaveLength(0);
  });

  it('is shown again, not taken, when a foreign site sends it', async () => {
    const { orgId, code } = await site.organisation();
    const answer = await send(
      `/join/${code}`,
      { ...kari, submission: await sheetOf(code) },
      { 'sec-fetch-site': 'cross-site' },
    );
    expect(await answer.text()).toContain('value="Kari Nord"');
    expect(await site.registrations(orgId)).toHaveLength(0);
  });

  it.each([
    ['another site', 'https://evil.example', false],
    ['another site that begins like ours', 'http://127.0.0.1.evil.example', false],
    ['what is no address', 'evil', false],
    ['an app’s own scheme', 'evil-app://127.0.0.1', false],
    ['a page that gives no referrer, as ours do', 'null', true],
    ['the address that was asked', null, true],
    ['the same address before a proxy took the https away', 'https', true],
    ['the organisation’s link domain', 'https://verv.lydhor.example', true],
  ])('by a browser that says only Origin counts from our own pages: %s', async (_, given, isTaken) => {
    const { orgId, code } = await site.organisation({ linkDomains: ['verv.lydhor.example'] });
    const own = new URL(site.origin);
    const origin = given === null ? own.origin : given === 'https' ? `https://${own.host}` : given;
    const submission = await sheetOf(code);
    const answer = await send(`/join/${code}`, { ...kari, submission }, { origin });
    expect(answer.status).toBe(isTaken ? 303 : 200);
    expect(await site.registrations(orgId)).toHaveLength(isTaken ? 1 : 0);
  });

  it('takes no other kind of body, and none that is too large', async () => {
    const { code } = await site.organisation();
    const url = `${site.origin}/join/${code}`;
    const json = await fetch(url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
    expect(json.ok).toBe(false);
    expect((await fetch(url, { method: 'POST', body: new URLSearchParams({ name: 'a'.repeat(20_000) }) })).ok).toBe(
      false,
    );
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(405);
  });

  it('cannot name a member', async () => {
    const { orgId, code } = await site.organisation();
    await send(`/join/${code}`, { ...kari, submission: await sheetOf(code), member_id: 'M-9', memberId: 'M-9' });
    expect(await site.rows('select from verve.sources where org_id = $1', [orgId])).toHaveLength(0);
  });
});

describe('the hand-off', () => {
  it('leads to the organisation’s page with code and reference and nothing else, and registers nobody by itself', async () => {
    const { orgId, slug, code } = await site.organisation({ settings: { joinForm: { isShown: false } } });
    await site.organisations.update({ actor: hostActor, orgId, change: { joinUrlTemplate: template(slug) } });
    const page = await open(`/join/${code}`);
    expect(page.headers.get('content-security-policy')).toContain(`form-action 'self' https://${slug}.example;`);
    expect(await page.text()).toContain('Gå videre til innmelding');
    const submission = await sheetOf(code);
    const answer = await send(`/join/${code}`, { submission, act: 'hand_off' });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(`https://${slug}.example/bli-medlem?ref=${code}&reg=${submission}`);
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(await site.registrations(orgId)).toHaveLength(0);
    expect(site.hits.at(-1)).toMatchObject({ act: 'join', code });
  });

  it('says kindly when the organisation’s page is down, and offers to be contacted', async () => {
    const down = await openSite({ isTargetUp: async () => false });
    const { orgId, slug, code } = await down.organisation({ settings: { joinForm: { isShown: false } } });
    await down.organisations.update({ actor: hostActor, orgId, change: { joinUrlTemplate: template(slug) } });
    const body = new URLSearchParams({ act: 'hand_off' });
    const answer = await fetch(`${down.origin}/join/${code}`, { method: 'POST', body, redirect: 'manual' });
    expect(answer.status).toBe(503);
    const text = await answer.text();
    expect(text).toContain('Innmeldingen svarer ikke akkurat nå');
    const contact = /href="([^"]+form=1)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(await (await fetch(`${down.origin}${contact}`)).text()).toContain('id="email"');
  });
});

describe('a code that has ended', () => {
  const ended = (daysAgo: number) => new Date(now.getTime() - daysAgo * day);

  it('still takes registrations within a year after it was replaced, and says so', async () => {
    const { orgId, mentorId } = await site.organisation();
    const code = await site.addCode({ orgId, mentorId, status: 'rotated', endedAt: ended(364) });
    expect(await (await open(`/join/${code}`)).text()).toContain('Lenken er byttet ut, men gjelder fortsatt');
    const answer = await send(`/join/${code}`, { ...kari, submission: await sheetOf(code) });
    expect(answer.status).toBe(303);
    expect(await site.registrations(orgId)).toHaveLength(1);
  });

  it.each([
    ['rotated', 366, 'Denne lenken er ikke lenger i bruk'],
    ['invalidated', 1, 'Denne lenken er ikke lenger i bruk'],
    ['expired', 366, 'Denne lenken har gått ut'],
  ] as const)(
    'that was %s %i days ago is kindly refused, with the way to join without it',
    async (how, daysAgo, title) => {
      const { orgId, slug, mentorId } = await site.organisation();
      await site.organisations.update({ actor: hostActor, orgId, change: { joinUrlTemplate: template(slug) } });
      const owner = how === 'expired' ? await site.addMentor(orgId) : mentorId;
      const end = how === 'expired' ? { expiresAt: ended(daysAgo) } : { status: how, endedAt: ended(daysAgo) };
      const code = await site.addCode({ orgId, mentorId: owner, ...end });
      const page = await open(`/join/${code}`);
      const text = await page.text();
      expect(page.status).toBe(410);
      expect(text).toContain(title);
      expect(text).toContain(`href="https://${slug}.example/bli-medlem"`);
      expect(text).toContain('Har du en nyere vervekode?');
      const answer = await send(`/join/${code}`, kari);
      expect(answer.status).toBe(410);
      expect(await site.registrations(orgId)).toHaveLength(0);
    },
  );

  it('leads to the place that the organisation named for joining without a code', async () => {
    const withoutCodeUrl = 'https://www.lydhor.example/bli-medlem';
    const { orgId, mentorId } = await site.organisation({ settings: { joinForm: { withoutCodeUrl } } });
    const code = await site.addCode({ orgId, mentorId, status: 'invalidated', endedAt: ended(1) });
    expect(await (await open(`/join/${code}`)).text()).toContain(`href="${withoutCodeUrl}"`);
  });

  describe('of an organisation without a page of its own', () => {
    const form = { name: 'Kari Nord', email: 'kari@epost.example', consent: 'yes' };
    async function endedCode(joinForm: Record<string, unknown> = {}) {
      const made = await site.organisation({ settings: { joinForm } });
      const code = await site.addCode({ ...made, status: 'invalidated', endedAt: ended(1) });
      return { ...made, code, path: `/join/${code}/without` };
    }
    const listed = (orgId: string) => site.contacts.list({ actor: hostActor, orgId });
    const submissionOn = async (path: string) =>
      /name="submission" value="([^"]+)"/.exec(await (await open(path)).text())?.[1] ?? '';

    it('leads to its form, by which a person joins without credit and is answered once', async () => {
      const { orgId, code, path } = await endedCode();
      const page = await (await open(`/join/${code}`)).text();
      expect(page).toContain(`href="${path}?lang=nb"`);
      const submission = await submissionOn(path);
      const answers = await Promise.all(Array.from({ length: 6 }, () => send(path, { ...form, submission })));
      expect(answers.map((answer) => answer.headers.get('location'))).toEqual(Array(6).fill(`${path}?sent=1`));
      expect(await (await open(`${path}?sent=1`)).text()).toContain('Lydhør tar det videre herfra.');
      expect(await listed(orgId)).toMatchObject([
        { ...{ name: form.name, email: form.email }, attributionId: null, code: null, registrationRef: null },
      ]);
      expect(await site.registrations(orgId)).toEqual([]);
    });

    it('knows the same person again on another sheet, and another person on the same sheet', async () => {
      const { orgId, path } = await endedCode();
      const submission = await submissionOn(path);
      await send(path, { ...form, submission });
      const again = await send(path, { ...form, submission: await submissionOn(path) });
      expect(again.headers.get('location')).toBe(`${path}?again=1`);
      await send(path, { ...form, email: 'ola@epost.example', submission });
      expect((await listed(orgId)).map(({ email }) => email).sort()).toEqual([form.email, 'ola@epost.example']);
    });

    it('asks for a way to answer, also where the organisation asks for none, and keeps what was typed', async () => {
      const { orgId, path } = await endedCode({ phone: 'optional', email: 'optional' });
      const answer = await send(path, { name: 'Kari Nord', consent: 'yes' });
      const text = await answer.text();
      expect(answer.status).toBe(422);
      expect(text).toContain('Skriv en e-postadresse');
      expect(text).toContain('value="Kari Nord"');
      expect(await listed(orgId)).toEqual([]);
    });

    it('shows no way where its form asks for neither e-mail nor phone', async () => {
      const { code } = await endedCode({ phone: 'hidden', email: 'hidden' });
      expect(await (await open(`/join/${code}`)).text()).not.toContain('/without');
    });

    it('shows again what a foreign site sent, and finds nobody’s organisation under an unknown code', async () => {
      const { orgId, path } = await endedCode();
      const answer = await send(path, form, { 'sec-fetch-site': 'cross-site' });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain('Se over og send en gang til.');
      expect((await send('/join/0000000000/without', form)).status).toBe(404);
      expect(await listed(orgId)).toEqual([]);
    });

    it('deletes the contact with the others when its time is over', async () => {
      const { orgId, path } = await endedCode();
      await send(path, { ...form, submission: await submissionOn(path) });
      const before = now;
      now = new Date(now.getTime() + 31 * day);
      await site.contacts.deleteExpired({ orgId });
      now = before;
      expect(await listed(orgId)).toEqual([]);
    });
  });

  it('is unknown to a neutral page when nobody ever had it, and the field keeps what was typed', async () => {
    const page = await open('/join?ref=3PKCM-78AQT');
    const text = await page.text();
    expect(page.status).toBe(404);
    expect(text).toContain('Vi finner ikke denne koden');
    expect(text).toContain('value="3PKCM-78AQT"');
    expect(text).not.toContain('Lydhør');
  });

  it('is missing in a link that lost it and asked for in /join, where posters send people, and leads on', async () => {
    const { code } = await site.organisation();
    expect(await (await open('/join')).text()).toContain('<h1>Har du en vervekode?</h1>');
    for (const lost of ['/join?ref=', '/join?REF=%20'])
      expect(await (await open(lost)).text(), lost).toContain('Lenken mangler en vervekode');
    const typed = `${code.slice(0, 5).toLowerCase()} ${code.slice(5)}`;
    expect(await (await open(`/join?ref=${encodeURIComponent(typed)}`)).text()).toContain('Velkommen til Lydhør');
  });

  it('asks to wait after too many tries from one address, and good codes still work', async () => {
    const busy = await openSite();
    const { code } = await busy.organisation();
    const statuses = new Set<number>();
    for (let i = 0; i < 61; i += 1) statuses.add((await fetch(`${busy.origin}/join/${'0'.repeat(10)}`)).status);
    expect([...statuses]).toEqual([404, 429]);
    const last = await fetch(`${busy.origin}/join/0000000000`);
    expect(last.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await last.text()).toContain('For mange forsøk. Prøv igjen om 10 minutter');
    expect((await fetch(`${busy.origin}/join/${code}`)).status).toBe(200);
  });
});

describe('the page', () => {
  it.each(['/join/%', '/JOIN/% ', '/referral/%', '/join/%/w', '/Join?ref=%', '/join/%/'])(
    'answers at %s',
    async (form) => {
      const { code } = await site.organisation();
      const page = await fetch(site.origin + form.replace('%', code.toLowerCase()).trim());
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('Velkommen til Lydhør');
    },
  );

  it('runs no script, asks no foreign host, keeps and sets nothing, and tells the next site nothing', async () => {
    const { code } = await site.organisation({ brand: { colour: '#f2a33a' } });
    for (const path of [
      `/join/${code}`,
      '/join',
      '/join/0000000000',
      `/join/${code}/registered`,
      `/print/${code}/poster`,
    ]) {
      const page = await open(path);
      const policy = page.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain('unsafe');
      expect(policy).not.toContain('script-src');
      expect(page.headers.get('referrer-policy')).toBe('no-referrer');
      expect(page.headers.get('cache-control')).toBe('private, no-store');
      expect(page.headers.get('x-robots-tag')).toContain('noindex');
      expect(page.headers.get('set-cookie')).toBeNull();
      expect(await page.text()).not.toMatch(/<script|javascript:|\son\w+=|style="/i);
    }
  });

  it('speaks the visitor’s language, and nothing that is sent can break it', async () => {
    const { code } = await site.organisation();
    const title = async (path: string, language: string) =>
      /<h1>([^<]*)/.exec(await (await open(path, { 'accept-language': language })).text())?.[1];
    expect(await title(`/join/${code}`, 'en-GB,en;q=0.9')).toBe('Welcome to Lydhør');
    expect(await title(`/join/${code}`, 'nn')).toBe('Velkomen til Lydhør');
    expect(await title(`/join/${code}?lang=nb`, 'en')).toBe('Velkommen til Lydhør');
    for (const hostile of ['<script>', '%00', '../../etc', "nb'--", 'x'.repeat(5_000)]) {
      const page = await open(`/join/${code}?lang=${encodeURIComponent(hostile)}&t=${encodeURIComponent(hostile)}`, {
        'user-agent': hostile.replace(/[^\x20-\x7e]/g, ''),
        'accept-language': `*;q=9, ${'zz-'.repeat(50)}`,
      });
      expect(page.status).toBe(200);
      expect(await page.text()).not.toContain('<script>');
    }
  });

  it('tells who opened it by nothing but a random value, and the same one in another language', async () => {
    const { code } = await site.organisation();
    const text = await (await open(`/join/${code}/w`)).text();
    const hit = site.hits.at(-1);
    expect(hit).toMatchObject({ act: 'open', code, channel: 'whatsapp' });
    expect(text).toContain(`t=${hit?.sessionToken}`);
    await open(`/join/${code}?lang=en&t=${hit?.sessionToken}`);
    expect(site.hits.at(-1)?.sessionToken).toBe(hit?.sessionToken);
    const before = site.hits.length;
    expect((await fetch(`${site.origin}/join/${code}`, { method: 'HEAD' })).status).toBe(200);
    expect(site.hits).toHaveLength(before);
  });

  it('says so kindly when the database is gone, and keeps what was typed for another try', async () => {
    const nowhere = makePool({
      connectionString: 'postgres://verve_app@127.0.0.1:1/verve',
      max: 2,
      applicationName: 'test',
    });
    const gone = await openSite({ pool: nowhere });
    const { code } = await site.organisation();
    const page = await fetch(`${gone.origin}/join/${code}`);
    expect(page.status).toBe(503);
    expect(await page.text()).toContain('Innmeldingen svarer ikke akkurat nå');
    const body = new URLSearchParams({ ...kari, name: 'Kåre "K"' });
    const post = await fetch(`${gone.origin}/join/${code}`, { method: 'POST', body });
    const text = await post.text();
    expect(post.status).toBe(503);
    expect(text).toContain('name="name" value="Kåre &quot;K&quot;"');
    expect(text).toContain('Det du skrev er tatt vare på.');
  });
});

describe('while the server waits for its database', () => {
  it('people get a kind page with what they typed, in its own style, and programs their own answer', async () => {
    const ask = (path: string, init?: RequestInit) =>
      answerWhileWaiting(new Request(`http://verve.example${path}`, init));
    const page = await ask('/q/3PKCM78AQS');
    const text = (await page?.text()) ?? '';
    expect(page?.status).toBe(503);
    expect(page?.headers.get('retry-after')).toBe('30');
    expect(text).toContain('Ingenting er tapt. Prøv igjen om litt.');
    const style = await ask(/rel="stylesheet" href="([^"]+)"/.exec(text)?.[1] ?? '');
    expect(style?.status).toBe(200);
    const post = await ask('/join/3PKCM78AQS?lang=nn', { method: 'POST', body: new URLSearchParams(kari) });
    const kept = (await post?.text()) ?? '';
    expect(kept).toContain('action="/join/3PKCM78AQS?lang=nn"');
    expect(kept).toContain('name="name" value="Kari Nord"');
    expect(await ask('/api/v1/referral-codes')).toBeNull();
  });
});

describe('the files beside the pages', () => {
  const fingerprint = Array.from({ length: 32 }, () => 'A7').join(':');

  it('associate the apps of the organisation whose host it is', async () => {
    const { orgId, slug } = await site.organisation();
    const appIds = [
      { platform: 'ios', appId: 'ABCDE12345.no.lydhor.app' },
      { platform: 'android', packageName: 'no.lydhor.app', fingerprints: [fingerprint] },
    ] as const;
    await site.organisations.update({ actor: hostActor, orgId, change: { appIds: [...appIds] as never } });
    const ask = (path: string, host: string) => site.answer(new Request(`https://${host}${path}`));
    const apple = await ask('/.well-known/apple-app-site-association', `${slug}.example`);
    expect(apple.headers.get('content-type')).toBe('application/json');
    expect(JSON.stringify(await apple.json())).toContain('ABCDE12345.no.lydhor.app');
    const android = await ask('/.well-known/assetlinks.json', `${slug}.example`);
    expect(JSON.stringify(await android.json())).toContain('no.lydhor.app');
    const nobody = await ask('/.well-known/assetlinks.json', 'nobody.example');
    expect(await nobody.json()).toEqual([]);
    const root = await ask('/', `${slug}.example`);
    expect(await root.text()).toContain('<h1>Har du en vervekode?</h1>');
  });

  it('help a person who typed the code right behind the link domain, or mistyped the rest', async () => {
    const { slug, code } = await site.organisation();
    const ask = (path: string, { host = `${slug}.example`, accept = 'text/html,*/*;q=0.8' } = {}) =>
      site.answer(new Request(`https://${host}${path}`, { headers: { accept } }));
    const typed = await ask(`/${code.slice(0, 5).toLowerCase()}-${code.slice(5)}`);
    expect([typed.status, typed.headers.get('location')]).toEqual([302, `/join/${code}`]);
    const stray = await ask('/jion/somewhere');
    expect(stray.status).toBe(404);
    expect(await stray.text()).toContain('<h1>Vi finner ikke denne koden</h1>');
    for (const other of [ask('/api/v1/nothing'), ask('/jion', { accept: '*/*' })]) {
      expect(await other.then(({ status, headers }) => [status, headers.get('content-type')])).toEqual([
        404,
        'application/problem+json',
      ]);
    }
  });

  it('are told to a person at an address that is nowhere, in the browser’s language, and to a program as a problem', async () => {
    const { code } = await site.organisation();
    const ask = (path: string, { method = 'GET', accept = 'text/html,*/*;q=0.8', language = 'nn' } = {}) =>
      site.answer(
        new Request(`https://nobody.example${path}`, { method, headers: { accept, 'accept-language': language } }),
      );
    for (const path of ['/jion', '/problems/nothing', `//r/${code}`]) {
      const lost = await ask(path);
      expect([lost.status, lost.headers.get('content-type')], path).toEqual([404, 'text/html; charset=utf-8']);
      expect(lost.headers.get('vary')).toBe('Accept, Accept-Language');
      expect(lost.headers.get('content-security-policy')).toContain("form-action 'self'");
      const text = await lost.text();
      expect(text).toContain('<h1>Vi finn ikkje denne sida</h1>');
      expect(text).toContain('action="/join"');
      expect(text).toContain('href="/app"');
    }
    expect(await (await ask('/jion', { language: 'en' })).text()).toContain('<h1>We cannot find this page</h1>');
    const head = await ask('/jion', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([
      404,
      'text/html; charset=utf-8',
      '',
    ]);
    for (const program of [
      ask('/jion', { accept: '*/*' }),
      ask('/jion', { accept: 'application/json' }),
      ask('/jion', { method: 'POST' }),
      ask('/api/v1/nothing'),
    ]) {
      const { status, headers } = await program;
      expect([status, headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    }
  });

  it('print with a closing slash too', async () => {
    const { code } = await site.organisation();
    expect((await open(`/print/${code}/poster/`)).status).toBe(200);
  });

  it('lead to the Play Store with code and channel, which the app’s first start hands back', async () => {
    const { orgId, code } = await site.organisation();
    const fingerprint = Array.from({ length: 32 }, () => 'A7').join(':');
    const appIds = [
      { platform: 'android', packageName: 'no.lydhor.app', fingerprints: [fingerprint], scheme: 'lydhor' },
    ];
    await site.organisations.update({ actor: hostActor, orgId, change: { appIds: appIds as never } });
    const text = await (await open(`/join/${code}/p`)).text();
    const store = new URL(/href="(https:\/\/play[^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '');
    expect(parseInstallReferrer(store.searchParams.get('referrer') ?? '')).toMatchObject({ code, channel: 'poster' });
    expect(text).toContain(`href="lydhor://onboarding?ref=${code}"`);
  });

  it('hold style and font for ever, and the logo without a chance to run', async () => {
    const { orgId, slug, code } = await site.organisation();
    const text = await (await open(`/join/${code}`)).text();
    const style = await open(/rel="stylesheet" href="([^"]+)"/.exec(text)?.[1] ?? '');
    expect(style.headers.get('cache-control')).toContain('immutable');
    const font = await open(/url\("([^"]+)"/.exec(await style.text())?.[1] ?? '');
    expect(font.headers.get('content-type')).toBe('font/woff2');
    expect((await font.arrayBuffer()).byteLength).toBeGreaterThan(40_000);
    expect((await open('/assets/pages/../../package.json')).status).toBe(404);

    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
    const bytes = new TextEncoder().encode(svg);
    await site.organisations.setLogo({ actor: hostActor, orgId, logo: { bytes, type: 'image/svg+xml' } });
    const logo = await open(`/assets/organisations/${slug}/logo`);
    expect(logo.headers.get('content-type')).toBe('image/svg+xml');
    expect(logo.headers.get('content-security-policy')).toContain('sandbox');
    expect(logo.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('draw a preview of 1200 × 630 under 300 kB', async () => {
    const { slug } = await site.organisation({ brand: { colour: '#b3261e' } });
    const bytes = new Uint8Array(await (await open(`/assets/organisations/${slug}/preview.png`)).arrayBuffer());
    expect(bytes.length).toBeLessThan(300_000);
    const view = new DataView(bytes.buffer);
    expect([view.getUint32(16), view.getUint32(20)]).toEqual([1200, 630]);
  });
});

describe('telling afterwards who invited', () => {
  const claimsOf = (orgId: string) =>
    site.rows<Record<string, unknown>>(
      `select c.claimant, c.mentor_id, c.code, c.met_on::text, c.channel, c.filed_by, i.kind from verve.claims c
      join verve.inbox_items i on i.subject = c.id::text where c.org_id = $1`,
      [orgId],
    );

  it('lands in the inbox with what is known, once for each sheet, also under a code that has ended', async () => {
    const { orgId, mentorId } = await site.organisation();
    const endedAt = new Date(now.getTime() - day);
    const code = await site.addCode({ orgId, mentorId, status: 'invalidated', endedAt });
    const ended = await (await open(`/join/${code}`)).text();
    expect(ended).toContain(`href="/join/${code}/claim?lang=nb"`);
    const text = await (await open(`/join/${code}/claim`)).text();
    expect(text).toContain('Hvem inviterte deg?');
    const submission = /name="submission" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const typed = { submission, code, day: '2026-11-14', channel: 'poster' };
    const answers = await Promise.all([1, 2, 3].map(() => send(`/join/${code}/claim`, typed)));
    expect(answers.map((answer) => answer.status)).toEqual([303, 303, 303]);
    expect(await (await open(answers[0]?.headers.get('location') ?? '')).text()).toContain(
      'En koordinator ser på det.',
    );
    expect(await claimsOf(orgId)).toEqual([
      {
        claimant: 'member',
        mentor_id: mentorId,
        code,
        met_on: '2026-11-14',
        channel: 'poster',
        filed_by: 'system:join page',
        kind: 'claim',
      },
    ]);
  });

  it('takes no claim that says nothing, no day to come, no member and no other way', async () => {
    const { orgId, code } = await site.organisation();
    const path = `/join/${code}/claim?lang=en`;
    const nothing = await send(path, { code: '', day: '', channel: 'sms' });
    expect(nothing.status).toBe(422);
    expect(await nothing.text()).toContain('Fill in the code or the day');
    expect(await (await send(path, { day: '2126-01-01' })).text()).toContain('Choose a day that has been');
    expect((await send(path, { day: '2026-02-31' })).status).toBe(422);
    expect((await send(path, { code: '<script>', day: '2026-11-01' })).status).toBe(422);
    await send(path, { day: '2026-11-01', channel: 'carrier pigeon', member_id: 'M-1' });
    expect(await claimsOf(orgId)).toMatchObject([{ channel: null, code: null, mentor_id: null, met_on: '2026-11-01' }]);
    expect(await site.rows('select from verve.sources where org_id = $1', [orgId])).toHaveLength(0);
  });
});
