// A running site for tests of the public pages: real database, real HTTP, a fresh organisation with one mentor.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Pool } from 'pg';
import { afterAll } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import type { OrganisationChange } from '../src/engine/organisations/service.ts';
import { platformRandom, silentLogger } from '../src/engine/parts.ts';
import { createVerve } from '../src/engine/verve.ts';
import { createHandler } from '../src/http/handler.ts';
import type { PageHit, PublicPagesOptions } from '../src/http/pages/pages-options.ts';
import { problemPage } from '../src/http/pages/problem-page.ts';
import { createPublicPages } from '../src/http/pages/public-pages.ts';
import { recordHits } from '../src/http/pages/record-hit.ts';
import { answerShortLink } from '../src/http/redirect.ts';
import { createRateLimiter } from '../src/http/requests/rate-limit.ts';
import { freshOrganisation, testDatabase } from './harness.ts';

export type Site = Awaited<ReturnType<typeof openSite>>;

/** Opens a site. `clock` moves its time, in the database too; `pool` connects it elsewhere, to nowhere for example. */
export async function openSite(options: { clock?: () => Date; pool?: Pool } & Partial<PublicPagesOptions> = {}) {
  const { pool, adminPool } = await testDatabase();
  const { clock, pool: otherPool, ...pageOptions } = options;
  const verve = await createVerve({
    database: otherPool ?? pool,
    secret: 'a secret of the tests, 32 characters or more',
    ...(clock === undefined ? {} : { clock }),
  });
  const { organisations, join, contacts, attributions } = verve;
  const hits: PageHit[] = [];
  const record = recordHits(verve.clicks, () => '127.0.0.1');
  const pages = createPublicPages({
    verve,
    limiter: createRateLimiter(),
    clientAddress: () => '127.0.0.1',
    publicUrl: 'http://127.0.0.1',
    logger: silentLogger,
    recordHit: async (hit) => {
      hits.push(hit);
      await record(hit);
    },
    ...pageOptions,
  });
  const { clicks } = verve;
  const answer = createHandler(verve, {
    showProblem: (request, status) => problemPage(request, status, { signInUrl: '/app' }),
    fallback: async (request) =>
      (await answerShortLink(request, { clicks, address: '127.0.0.1' })) ?? (await pages(request)),
  });
  const server = createServer(getRequestListener(answer));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  /** A fresh organisation with a mentor and an active code. */
  async function organisation(change: OrganisationChange = {}, name = 'Lydhør') {
    const { orgId, slug } = await freshOrganisation({ name });
    await organisations.update({ actor: hostActor, orgId, change: { linkDomains: [`${slug}.example`], ...change } });
    const mentorId = await addMentor(orgId);
    return { orgId, slug, mentorId, code: await addCode({ orgId, mentorId }) };
  }

  async function addMentor(orgId: string): Promise<string> {
    const [mentor] = await rows<{ id: string }>(
      'insert into verve.mentors (org_id, display_name) values ($1, $2) returning id',
      [orgId, 'Solveig Tveitmo'],
    );
    return mentor?.id ?? '';
  }

  let sequence = 0;

  /** Another code of the mentor, in any status. */
  async function addCode(code: {
    orgId: string;
    mentorId: string;
    status?: 'active' | 'rotated' | 'invalidated';
    endedAt?: Date;
    expiresAt?: Date;
  }): Promise<string> {
    const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    const text = Array.from(platformRandom.bytes(10), (byte) => alphabet[byte % 32]).join('');
    const { status = 'active', endedAt = null } = code;
    await adminPool.query('insert into verve.code_directory (code, org_id) values ($1, $2)', [text, code.orgId]);
    await adminPool.query(
      `insert into verve.referral_codes (org_id, owner_ref, code, status, rotation_sequence, rotated_at, invalidated_at, expires_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        code.orgId,
        code.mentorId,
        text,
        status,
        sequence++,
        status === 'rotated' ? endedAt : null,
        status === 'invalidated' ? endedAt : null,
        code.expiresAt ?? null,
      ],
    );
    return text;
  }

  async function rows<Row>(text: string, values: unknown[]): Promise<Row[]> {
    return (await adminPool.query(text, values)).rows as Row[];
  }

  const registrations = (orgId: string) =>
    rows<{ status: string; registration_ref: string; has_contact: boolean }>(
      `select a.status, a.registration_ref, exists (select from verve.registration_contacts c where c.attribution_id = a.id) as has_contact
      from verve.referral_attributions a where a.org_id = $1 order by a.created_at`,
      [orgId],
    );

  return {
    origin,
    answer,
    organisation,
    addMentor,
    addCode,
    registrations,
    rows,
    hits,
    join,
    contacts,
    organisations,
    attributions,
    verve,
  };
}
