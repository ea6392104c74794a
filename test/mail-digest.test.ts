import { afterEach, expect, test } from 'vitest';
import { takeDigestLetter } from '../src/engine/inbox/digest.ts';
import { createMailer, type Mailer, MailFailed } from '../src/server/mail.ts';
import { sendDigest } from '../src/server/mail-digest.ts';
import { createTasks } from '../src/server/tasks.ts';
import { testDatabase } from './harness.ts';
import { system as actor, asPerson, organisationWithMentor, testVerve } from './harness-verve.ts';
import { startMailServer } from './mail-server.ts';

const { adminPool } = await testDatabase();
const TUESDAY = '2026-11-24T06:00:00Z'; // seven in the morning in Oslo
let now = new Date(TUESDAY);
const verve = await testVerve({ clock: () => now });
const other = await testVerve({ clock: () => now }); // another server
const url = 'https://verve.example.org';
const running: { close: () => Promise<void> }[] = [];

afterEach(async () => {
  now = new Date(TUESDAY);
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function mailServer(options: Parameters<typeof startMailServer>[0] = {}) {
  const server = await startMailServer(options);
  running.push(server);
  return server;
}

const mailTo = ['solveig@example.org', 'bjorn@example.org'];

/** An organisation with something in its inbox, and a list of addresses. */
async function waitingOrganisation(locale: 'nb' | 'nn' | 'en' = 'nb', cases = 2) {
  const { orgId } = await organisationWithMentor(verve);
  await verve.organisations.update({
    orgId,
    actor,
    change: { locale, name: 'Lydhør', settings: { digest: { mailTo } } },
  });
  for (let made = 0; made < cases; made += 1) {
    await adminPool.query(
      `insert into verve.inbox_items (org_id, kind, code, subject, opened_at) values ($1, 'unknown_code', 'HEMMELIG', $2, '2026-11-20T12:00Z')`,
      [orgId, String(made)],
    );
  }
  return orgId;
}

const lost: string[] = [];
const mailBy = (mailer: Mailer) => ({ mailer, url, onLost: ({ code }: { code: string }) => void lost.push(code) });
const through = (smtpUrl: string) => mailBy(createMailer({ smtpUrl, from: 'Verve <verve@example.org>' }));

test.each([
  [
    'nb',
    '2 saker venter i innboksen til Lydhør',
    /2 saker venter på en koordinator i Lydhør\. Den eldste kom 20\. november\./,
  ],
  ['nn', '2 saker ventar i innboksen til Lydhør', /Den eldste kom 20\. november\.[\s\S]*yrkedagar/],
  ['en', '2 cases wait in the inbox of Lydhør', /The oldest came on 20 November\./],
] as const)(
  'the digest in %s says how much waits and where to look, and nothing of any case',
  async (locale, subject, text) => {
    const server = await mailServer();
    const orgId = await waitingOrganisation(locale);
    expect(await sendDigest(verve, { orgId, mail: through(server.url) })).toMatchObject({
      outcome: 'told',
      letters: 2,
    });
    expect(server.letters.map(({ to }) => to)).toEqual(mailTo.map((one) => [one]));
    for (const letter of server.letters) {
      expect(letter.subject).toBe(subject);
      expect(letter.text).toMatch(text);
      expect(letter.text).toContain(url);
      expect(letter.raw).not.toContain('HEMMELIG');
    }
  },
);

test('one case is said as one', async () => {
  const server = await mailServer();
  await sendDigest(verve, { orgId: await waitingOrganisation('nb', 1), mail: through(server.url) });
  expect(server.letters[0]?.subject).toBe('Én sak venter i innboksen til Lydhør');
});

test('repeated, and by two servers at once, each letter goes once a day; the next day again', async () => {
  const server = await mailServer();
  const orgId = await waitingOrganisation();
  const mail = through(server.url);
  await Promise.all([verve, other, verve, other].map((one) => sendDigest(one, { orgId, mail })));
  expect(server.letters.map(({ to }) => to[0]).sort()).toEqual([...mailTo].sort());
  expect(await sendDigest(verve, { orgId, mail })).toMatchObject({ outcome: 'alreadyTold', letters: 0 });
  const { rows } = await adminPool.query(
    `select 1 from verve.referral_events where org_id = $1 and type = 'inbox.waiting'`,
    [orgId],
  );
  expect(rows).toHaveLength(1);
  now = new Date('2026-11-25T06:00:00Z');
  expect(await sendDigest(verve, { orgId, mail })).toMatchObject({ outcome: 'told', letters: 2 });
});

test('a server that dies with a letter in its hand leaves that one unsent, and the others go', async () => {
  const server = await mailServer();
  const orgId = await waitingOrganisation();
  await sendDigest(verve, { orgId, mail: null }); // told, without mail
  expect((await takeDigestLetter(verve.parts, { orgId, url }))?.to).toBe(mailTo[0]);
  expect(await sendDigest(other, { orgId, mail: through(server.url) })).toMatchObject({ letters: 1 });
  expect(server.letters.map(({ to }) => to)).toEqual([[mailTo[1]]]);
});

test('a mail server that is away, or refuses for now, is asked again; nobody is written to twice', async () => {
  const orgId = await waitingOrganisation();
  const gone = await startMailServer();
  await gone.close();
  await expect(sendDigest(verve, { orgId, mail: through(gone.url) })).rejects.toBeInstanceOf(MailFailed);
  let isBusy = true;
  const server = await mailServer({
    onRcptTo: ({ address }, _session, done) =>
      done(isBusy && address === mailTo[1] ? Object.assign(new Error('later'), { responseCode: 451 }) : null),
  });
  await expect(sendDigest(verve, { orgId, mail: through(server.url) })).rejects.toMatchObject({ fate: 'postponed' });
  isBusy = false;
  expect(await sendDigest(verve, { orgId, mail: through(server.url) })).toMatchObject({ letters: 1 });
  expect(server.letters.map(({ to }) => to[0])).toEqual(mailTo);
});

test('an address that the mail server does not know is told to the operator without the address, and stops nobody else', async () => {
  const server = await mailServer({
    onRcptTo: ({ address }, _session, done) =>
      done(address === mailTo[0] ? Object.assign(new Error('no such address'), { responseCode: 550 }) : null),
  });
  const orgId = await waitingOrganisation();
  lost.length = 0;
  expect(await sendDigest(verve, { orgId, mail: through(server.url) })).toMatchObject({ letters: 1 });
  expect(lost).toEqual(['550']);
  expect(await sendDigest(verve, { orgId, mail: through(server.url) })).toMatchObject({ letters: 0 });
});

test('nothing goes where nothing waits, at weekends, to nobody, or to a list that was changed meanwhile', async () => {
  const server = await mailServer();
  const mail = through(server.url);
  expect(await sendDigest(verve, { orgId: await waitingOrganisation('nb', 0), mail })).toMatchObject({
    outcome: 'nothingWaits',
  });
  now = new Date('2026-11-28T06:00:00Z'); // a Saturday
  expect(await sendDigest(verve, { orgId: await waitingOrganisation(), mail })).toMatchObject({ letters: 0 });
  now = new Date(TUESDAY);
  const nobody = await waitingOrganisation();
  await verve.organisations.update({ orgId: nobody, actor, change: { settings: { digest: null } } });
  expect(await sendDigest(verve, { orgId: nobody, mail })).toMatchObject({ outcome: 'told', letters: 0 });
  const changed = await waitingOrganisation();
  await sendDigest(verve, { orgId: changed, mail: null });
  now = new Date('2026-11-24T06:00:05Z');
  await verve.organisations.update({
    orgId: changed,
    actor,
    change: { settings: { digest: { mailTo: ['x@example.org'] } } },
  });
  expect(await sendDigest(verve, { orgId: changed, mail })).toMatchObject({ letters: 0 });
  expect(server.letters).toEqual([]);
});

test('the list is an administrator’s to change, and holds addresses only', async () => {
  const orgId = await waitingOrganisation();
  const change = { settings: { digest: { mailTo: ['x@example.org\r\nBcc: y@example.org'] } } };
  await expect(verve.organisations.update({ orgId, actor, change })).rejects.toMatchObject({ code: 'invalid_request' });
  const coordinator = asPerson('coordinator');
  await expect(
    verve.organisations.update({ orgId, actor: coordinator, change: { settings: { digest: { mailTo: [] } } } }),
  ).rejects.toMatchObject({ code: 'forbidden' });
});

test('the task of the scheduler sends it', async () => {
  const server = await mailServer();
  const orgId = await waitingOrganisation();
  const task = createTasks({ verve, mail: through(server.url) }).find(({ name }) => name === 'inbox-digest');
  await task?.run({ orgId, subjectId: null, signal: new AbortController().signal });
  expect(server.letters).toHaveLength(2);
});
