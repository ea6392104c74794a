import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import type { Pool } from 'pg';
import type { Config } from '../config.ts';
import { isOwnProof, PROOF_HEADER } from '../installation-proof.ts';
import { explainListenError } from '../listen.ts';
import { createMailer, MailFailed, type MailSettings } from '../mail.ts';
import { type Problem, problem } from './problem.ts';

/** Whose address is looked at. */
export interface Here {
  readonly config: Config;
  readonly pool: Pool;
  readonly secrets: readonly string[];
  /** Whether our server can prove whose it is; the edge function cannot. */
  readonly hasProof: boolean;
}

const PATIENCE_MS = 5_000;
/** The doctor looks where its own surroundings point, which need not be the server's. */
const unsaidPort =
  ' PORT is not set here, so 3000 was assumed: where the server runs with another, run the doctor with the same PORT.';

/** Whether people outside reach this installation under the address that stands in its links. */
export async function checkPublicUrl(here: Here): Promise<Problem[]> {
  const { config } = here;
  const url = new URL(config.publicUrl);
  const isLocal = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  if (!config.hasPublicUrl) {
    const what = `VERVE_PUBLIC_URL is not set; links carry ${config.publicUrl}.${config.hasPort ? '' : unsaidPort}`;
    return [problem('public_url_missing', what, 'Set VERVE_PUBLIC_URL=https://… to where people reach the server.')];
  }
  const problems: Problem[] = [];
  if (url.protocol !== 'https:' && !isLocal) {
    const mend = 'Put a proxy with a certificate in front (Caddy, nginx), and set VERVE_PUBLIC_URL=https://….';
    problems.push(problem('public_url_not_https', `VERVE_PUBLIC_URL is ${config.publicUrl}.`, mend));
  }
  const answer = await askWhoIsThere(config.publicUrl, here);
  if (answer === 'nobody') {
    const mend = `Is the server running, and does the name lead to it? Try: curl -i ${config.publicUrl}/healthz`;
    return [...problems, problem('public_url_unreachable', `${config.publicUrl} does not answer.`, mend)];
  }
  if (answer === 'somebody else') {
    const what = `${config.publicUrl} is answered by something else than this installation.`;
    const mend =
      'Mend VERVE_PUBLIC_URL, the name’s address, or what the proxy leads to; other servers of this installation need the same VERVE_SECRET and DATABASE_URL.';
    return [...problems, problem('public_url_answers_other', what, mend)];
  }
  if (!isLocal && (await isAnswered(`${config.publicUrl}/metrics`))) {
    const what = `${config.publicUrl}/metrics is shown to everybody.`;
    const mend = 'Set VERVE_METRICS_TOKEN, and let Prometheus send it as a bearer token.';
    problems.push(problem('metrics_are_public', what, mend));
  }
  return problems;
}

/** Whether the server can listen where it is told to, or does already. */
export async function checkPort(here: Here): Promise<Problem[]> {
  const { host, port } = here.config;
  if (port === 0) return [];
  const refusal = await tryToListen(host, port);
  if (refusal === null) return [];
  if (refusal.code === 'EADDRINUSE') {
    const local = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
    if ((await askWhoIsThere(`http://${local}:${port}`, here)) === 'we') return [];
  }
  const [what = '', ...rest] = explainListenError(refusal, { host, port }).split(/(?<=\.) /);
  return [problem('port_taken', what, `${rest.join(' ')}${here.config.hasPort ? '' : unsaidPort}`)];
}

/** Whether the mail server takes our name and password. */
export async function checkMail(mail: MailSettings | null): Promise<Problem[]> {
  if (mail === null) return [];
  try {
    await createMailer(mail).check();
    return [];
  } catch (error) {
    if (!(error instanceof MailFailed)) throw error;
    const what = `The mail server of VERVE_SMTP_URL cannot be used (${error.code}).`;
    const mend = 'Look at host, port, name and password in VERVE_SMTP_URL; smtps:// is for port 465, smtp:// for 587.';
    return [problem('mail_refused', what, mend)];
  }
}

async function askWhoIsThere(address: string, here: Here): Promise<'we' | 'somebody else' | 'nobody'> {
  const challenge = randomBytes(24).toString('base64url');
  const answer = await fetch(`${address}/readyz`, {
    headers: { [PROOF_HEADER]: challenge },
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch(() => null);
  if (answer === null) return 'nobody';
  await answer.body?.cancel();
  if (!here.hasProof) return answer.ok ? 'we' : 'somebody else';
  const proof = answer.headers.get(PROOF_HEADER);
  if (proof === null) return 'somebody else';
  return (await isOwnProof({ ...here, challenge, proof })) ? 'we' : 'somebody else';
}

async function isAnswered(address: string): Promise<boolean> {
  const answer = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS) }).catch(
    () => null,
  );
  await answer?.body?.cancel();
  return answer?.ok === true;
}

/** null = nothing is in the way. */
async function tryToListen(host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.ErrnoException | null>();
  const server = createServer();
  server.once('error', resolve);
  server.listen(port, host, () => server.close(() => resolve(null)));
  return promise;
}
