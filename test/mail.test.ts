import { type AddressInfo, createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { loadConfig } from '../src/server/config.ts';
import { createMailer, MailFailed } from '../src/server/mail.ts';
import { startMailServer } from './mail-server.ts';

const from = 'Verve <verve@example.org>';
const letter = { to: 'solveig@example.org', subject: 'Saker som venter på deg', text: 'Én sak.\nÅpne innboksen.' };
const running: { close: () => Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function mailServer(options: Parameters<typeof startMailServer>[0] = {}) {
  const server = await startMailServer(options);
  running.push(server);
  return server;
}

/** Takes a whole letter and hangs up instead of saying that it did. */
async function startSilentServer(): Promise<{ url: string }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('220 mail\r\n');
    let isText = false;
    socket.on('data', (chunk: Buffer) => {
      const said = chunk.toString();
      if (isText && said.endsWith('\r\n.\r\n')) socket.destroy();
      else if (!isText) {
        isText = said.startsWith('DATA');
        socket.write(isText ? '354 go on\r\n' : '250 good\r\n');
      }
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', () => resolve());
  await promise;
  running.push({ close: async () => void server.close() });
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** How a letter failed. */
async function failureOf(work: Promise<void>): Promise<Pick<MailFailed, 'fate' | 'code' | 'message'>> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof MailFailed) return error;
  throw new Error('The letter went, or failed in another way.', { cause: error });
}

test('a letter arrives as it was written, to one person, and says that a machine sent it', async () => {
  const server = await mailServer();
  await createMailer({ smtpUrl: server.url, from }).send(letter);
  expect(server.letters).toEqual([
    {
      from: 'verve@example.org',
      to: ['solveig@example.org'],
      subject: letter.subject,
      text: letter.text,
      raw: expect.stringMatching(/^Auto-Submitted: auto-generated\r?$/m),
    },
  ]);
});

test('an address or a subject cannot bring in more of either', async () => {
  const server = await mailServer();
  const mailer = createMailer({ smtpUrl: server.url, from });
  await mailer.send({ ...letter, subject: 'Hei\r\nBcc: everybody@example.org' });
  await mailer.send({ ...letter, to: 'a@example.org, b@example.org' }).catch(() => undefined);
  await mailer.send({ ...letter, to: 'a@example.org\r\nRCPT TO:<b@example.org>' }).catch(() => undefined);
  expect(server.letters[0]?.to).toEqual(['solveig@example.org']);
  expect(server.letters[0]?.raw).not.toMatch(/^Bcc:/im);
  expect(server.letters.flatMap(({ to }) => to)).not.toContain('b@example.org');
});

test('name and password are those of the address, and a wrong one is the operator’s to mend', async () => {
  const server = await mailServer({
    onAuth: ({ username, password }, _session, done) =>
      username === 'verve@example.org' && password === 'æ /@'
        ? done(null, { user: username })
        : done(new Error('Invalid username or password')),
  });
  const { host } = new URL(server.url);
  const right = createMailer({ smtpUrl: `smtp://verve%40example.org:%C3%A6%20%2F%40@${host}`, from });
  await right.check();
  await right.send(letter);
  expect(server.letters).toHaveLength(1);
  const wrong = createMailer({ smtpUrl: `smtp://verve%40example.org:hunter2@${host}`, from });
  expect(await failureOf(wrong.check())).toMatchObject({ fate: 'postponed', code: '535' });
  const failure = await failureOf(wrong.send(letter));
  expect(failure).toMatchObject({ fate: 'postponed', code: '535' });
  expect(failure.message).not.toMatch(/hunter2|solveig/);
});

test('a refusal for good, one for now, and silence after the text are told apart, and name nobody', async () => {
  const answer = (code: number) =>
    mailServer({
      onRcptTo: (_address, _session, done) =>
        done(Object.assign(new Error(`<${letter.to}> is not here`), { responseCode: code })),
    });
  const silent = await startSilentServer();
  const fates: string[] = [];
  for (const { url } of [await answer(550), await answer(451), silent]) {
    const failure = await failureOf(createMailer({ smtpUrl: url, from }).send(letter));
    expect(failure.message).not.toContain('solveig');
    fates.push(`${failure.fate} ${failure.code}`);
  }
  expect(fates).toEqual(['refused 550', 'postponed 451', 'uncertain ECONNECTION']);
});

test('a mail server that is not there leaves the letter unsent', async () => {
  const server = await startMailServer();
  await server.close();
  const failure = await failureOf(createMailer({ smtpUrl: server.url, from }).send(letter));
  expect(failure).toMatchObject({ fate: 'postponed', code: 'ESOCKET' });
});

test('nothing is said without encryption to another machine', async () => {
  const server = await mailServer();
  const { port } = new URL(server.url);
  // Another way to write 127.0.0.1, which nobody takes for this machine.
  const mailer = createMailer({ smtpUrl: `smtp://0x7f000001:${port}`, from });
  expect(await failureOf(mailer.send(letter))).toMatchObject({ fate: 'postponed', code: '500' });
  expect(server.letters).toEqual([]);
  await createMailer({ smtpUrl: `smtp://localhost:${port}`, from }).send(letter);
  expect(server.letters).toHaveLength(1);
});

test('the address of the mail server and the sender belong together', () => {
  const problems = (environment: Record<string, string>) => {
    try {
      return loadConfig(environment).mail;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const both = { VERVE_SMTP_URL: 'smtps://verve:x@mail.example.org', VERVE_MAIL_FROM: from };
  expect(problems(both)).toEqual({ smtpUrl: both.VERVE_SMTP_URL, from });
  expect(problems({})).toBeNull();
  expect(problems({ VERVE_SMTP_URL: both.VERVE_SMTP_URL })).toMatch(/belong together/);
  expect(problems({ ...both, VERVE_SMTP_URL: 'https://verve:hunter2@mail.example.org' })).toMatch(
    /^(?!.*hunter2).*VERVE_SMTP_URL must look like/s,
  );
  expect(problems({ ...both, VERVE_MAIL_FROM: 'Verve\r\nBcc: a@example.org' })).toMatch(/VERVE_MAIL_FROM must be/);
});
