import type { Link } from '../src/engine/clicks/link-cache.ts';
import type { Opening } from '../src/engine/clicks/service.ts';
import type { Verve } from '../src/engine/verve.ts';
import { testDatabase } from './harness.ts';
import { newMentor, organisationWithMentor, system } from './harness-verve.ts';

/** A phone's browser, as in a meeting hall where everybody has the same. */
export const phone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

export interface Place {
  orgId: string;
  mentorId: string;
  code: string;
  codeId: string;
}

/** An organisation with a mentor and his code; `joinUrl` sets the organisation's own join page. */
export async function placeWithCode(verve: Verve, options: { joinUrl?: string | null } = {}): Promise<Place> {
  const { orgId, mentorId } = await organisationWithMentor(verve, {
    linkDomains: ['verv.example.no', 'medlem.example.no'],
  });
  const { joinUrl = 'https://medlem.example.no/bli?ref={code}' } = options;
  const { adminPool } = await testDatabase();
  await adminPool.query('update verve.organisations set join_url_template = $2 where id = $1', [orgId, joinUrl]);
  return { orgId, mentorId, ...(await codeOf(verve, orgId, mentorId)) };
}

export async function codeOf(verve: Verve, orgId: string, mentorId: string): Promise<{ code: string; codeId: string }> {
  const made = await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
  if (!('code' in made)) throw new Error(made.outcome);
  return { code: made.code.code, codeId: made.code.codeId };
}

/** Another mentor of the same organisation, with his code. */
export async function anotherCode(verve: Verve, orgId: string, branchId: string | null = null): Promise<Place> {
  const mentorId = await newMentor(verve, orgId, branchId);
  return { orgId, mentorId, ...(await codeOf(verve, orgId, mentorId)) };
}

/** A phone's opening of a link; what is given differs from it. */
export function opening(given: Partial<Opening> & { userAgent?: string; method?: string } = {}): Opening {
  const { userAgent = phone, method = 'GET', ...rest } = given;
  return { signs: { method, userAgent }, address: '', channel: null, token: null, ...rest };
}

export async function openLink(verve: Verve, code: string): Promise<Extract<Link, { kind: 'open' }>> {
  const link = await verve.clicks.lookUp(code);
  if (link?.kind !== 'open') throw new Error(`the link is ${link?.kind}`);
  return link;
}

/** What is counted for a code, by class, folded or not. */
export async function countsOf(codeId: string): Promise<Record<string, number>> {
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query<{ class: string; hits: number }>(
    `select class, sum(hits)::int as hits from (
       select code_id, class, hits from verve.click_counts union all select code_id, class, hits from verve.click_deltas
     ) as lines where code_id = $1 group by class having sum(hits) <> 0`,
    [codeId],
  );
  return Object.fromEntries(rows.map((row) => [row.class, row.hits]));
}

/** How many raw rows a code has. */
export async function rawOf(codeId: string): Promise<number> {
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query<{ hits: number }>(
    'select count(*)::int as hits from verve.referral_clicks where code_id = $1',
    [codeId],
  );
  return rows[0]?.hits ?? 0;
}
