import { displayCode, readCode } from '../../engine/codes/read-code.ts';
import { isDay } from '../../engine/day.ts';
import { VerveError } from '../../engine/errors.ts';
import type { JoinPage } from '../../engine/join/service.ts';
import { enlistSession } from '../requests/enlist-session.ts';
import { digestRequest, runOnce } from '../requests/idempotency.ts';
import type { RateLimitPolicy } from '../requests/rate-limit.ts';
import { claimChannels, claimSentView, claimView, type TypedClaim } from './claim-view.ts';
import { isForeignPost } from './foreign-post.ts';
import { readSubmission, showTooMany, showUnknown } from './join-answers.ts';
import { makeContext } from './page-context.ts';
import { pageResponse } from './page-response.ts';
import type { PublicPagesOptions } from './pages-options.ts';
import { readPosted } from './read-posted.ts';

/** Claims from one address: each of them asks a coordinator to look. */
const claims: RateLimitPolicy = { name: 'claims', quota: 30, windowSeconds: 3_600 };
/** Who files what the page sends: it asks for nobody's name, so nobody's is known. */
const joinPageActor = { kind: 'system', name: 'join page' } as const;

/** Answers `/join/{code}/claim`; the code may have ended, or be a hyphen on an organisation's own link domain. */
export async function answerClaim(
  request: Request,
  url: URL,
  code: string,
  options: PublicPagesOptions,
): Promise<Response> {
  const page = await options.verve.join.open({ code, host: url.hostname });
  const { organisation } = page;
  if (organisation === null) return showUnknown(request, url, options, { typed: '', organisation });
  const context = await makeContext(request, { organisation, publicUrl: options.publicUrl });
  const { colour } = organisation.brand;
  if (request.method !== 'POST' && url.searchParams.has('sent'))
    return pageResponse(claimSentView(context), { colour });

  const today = dayIn(organisation.timeZone);
  const known = page.state === 'unknown' ? '' : displayCode(page.code);
  const empty: TypedClaim = { code: known, day: '', channel: '' };
  if (request.method !== 'POST') {
    const view = claimView(context, { typed: empty, error: null, submission: crypto.randomUUID(), today });
    return pageResponse(view, { colour });
  }
  const verdict = options.limiter.admit(claims, options.clientAddress(request));
  if (!verdict.isAdmitted) return showTooMany(request, { organisation, code }, verdict.resetSeconds, options);
  const posted = await readPosted(request);
  const submission = readSubmission(posted.get('submission')) ?? crypto.randomUUID();
  const typed = readClaim(posted);
  const error = faultOf(typed, today);
  if (error !== null || isForeignPost(request, options.publicUrl, organisation.linkDomains)) {
    return pageResponse(claimView(context, { typed, error, submission, today }), { status: 422, colour });
  }
  await fileClaim(page, organisation.orgId, typed, submission, options);
  const location = `/join/${page.state === 'unknown' ? '-' : page.code}/claim?sent=1&lang=${context.language}`;
  return new Response(null, { status: 303, headers: { location, 'cache-control': 'private, no-store' } });
}

function readClaim(posted: URLSearchParams): TypedClaim {
  const read = (name: string) => (posted.get(name) ?? '').trim().slice(0, 64);
  return { code: read('code'), day: read('day'), channel: read('channel') };
}

function faultOf({ code, day }: TypedClaim, today: string) {
  if (code === '' && day === '') return { field: 'code', key: 'tell.error.nothing' } as const;
  if (code !== '' && readCode(code) === null) return { field: 'code', key: 'ended.unknown' } as const;
  if (day !== '' && (!isDay(day) || day < '2000-01-01' || day > today))
    return { field: 'day', key: 'tell.error.when' } as const;
  return null;
}

/** Files the claim once for each sheet; the answer kept under the sheet's id says that it has been. */
async function fileClaim(
  page: JoinPage,
  orgId: string,
  typed: TypedClaim,
  submission: string,
  { verve }: PublicPagesOptions,
): Promise<void> {
  const channel = claimChannels.find((one) => one === typed.channel) ?? null;
  const code = readCode(typed.code);
  const isPagesCode = page.state !== 'unknown' && page.code === code;
  const claim = {
    claimant: 'member',
    mentorId: isPagesCode ? page.mentorId : null,
    code,
    metOn: typed.day === '' ? null : typed.day,
    channel,
  } as const;
  const requestDigest = await digestRequest('POST', '/join/claim', new TextEncoder().encode(JSON.stringify(claim)));
  const request = { caller: 'public:join-page', key: submission, requestDigest };
  try {
    await verve.parts.database.transaction({ role: 'verve_engine', orgId }, (session) =>
      runOnce(session, verve.parts.keyRing, request, async () => {
        const { inbox } = enlistSession(verve, session);
        const filed = await inbox.claimRecruitment({ orgId, actor: joinPageActor, ...claim });
        return { status: 201, body: { claim_id: filed.claimId } };
      }),
    );
  } catch (error) {
    // The same sheet is being filed by another post of it: the person is told the same.
    const isDouble = error instanceof VerveError && /^idempotency_key_/.test(error.code);
    if (!isDouble) throw error;
  }
}

function dayIn(timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(new Date());
}
