import { z } from '@hono/zod-openapi';
import { requireMay } from '../engine/permissions.ts';
import { callersWho } from './access.ts';
import { createExportLines } from './export-lines.ts';
import { idParams, time, uuid } from './lists/schemas.ts';
import { type Answer, type Incoming, operation } from './operation.ts';
import { organisationSchema, requireOwn, showOrganisation } from './organisations.ts';

const tag = 'Organisations';
const slug = z.string().max(63).openapi({ example: 'lydhor' });

const createBody = z.strictObject({
  slug,
  name: z.string().trim().min(1).max(200),
  locale: z.enum(['nb', 'nn', 'en']).optional().openapi({ description: '(Default: nb)' }),
  time_zone: z.string().max(64).optional().openapi({ description: '(Default: Europe/Oslo)' }),
  admin_user_id: uuid.optional().openapi({ description: 'The account of its first administrator.' }),
});

const firstKey = z
  .object({ id: z.string(), secret: z.string(), scopes: z.array(z.string()) })
  .openapi({ description: 'A key of the new organisation with `admin`, shown this once.' });

const rowCounts = z
  .record(z.string(), z.int())
  .openapi({ description: 'By table, how many rows go. Tables without any are left out.' });

const offboardBody = z.strictObject({
  confirm: slug.openapi({ description: 'The organisation’s slug, as a sign that it is meant: there is no way back.' }),
  receipt: uuid.optional().openapi({ description: 'The last line of an export of the last seven days.' }),
  without_export: z.literal(true).optional().openapi({ description: 'Says that no export is wanted.' }),
});

/** Milliseconds that a whole export may take. */
const longestExportMs = 30 * 60_000;

/** Lines of JSON as they are read; a reader that is slow holds the reading back, one that leaves or stalls ends it. */
async function answerExport(incoming: Incoming<{ id: string }, undefined, undefined>): Promise<Answer> {
  requireOwn(incoming);
  const { orgId, actor, runtime } = incoming;
  requireMay(actor, 'organisation.export');
  const lines = createExportLines({ patienceMs: runtime.exportPatienceMs, longestMs: longestExportMs });
  runtime.verve.offboarding
    .export({ orgId, actor }, lines.write)
    .then(lines.close, lines.abort)
    .catch(() => {}); // the reader has left, and was told by the missing receipt
  const headers = {
    'content-type': 'application/x-ndjson',
    'cache-control': 'no-store',
    'content-disposition': 'attachment; filename="organisation.ndjson"',
  };
  return { status: 200, raw: lines.body, headers };
}

export const organisationLifecycle = [
  operation({
    id: 'createOrganisation',
    method: 'post',
    path: '/api/v1/organisations',
    tag,
    summary: 'Make an organisation',
    description:
      'With a key that the installation gave the scope `organisations:create` (`verve key create`). The new organisation has its code ' +
      'secret, milestones and badges, a first key, and, where an account is given, its first administrator. All of it or nothing. ' +
      'Not safe to repeat without an Idempotency-Key.',
    access: callersWho('organisation.create'),
    body: createBody,
    bodyExample: { slug: 'lydhor', name: 'Lydhør' },
    answers: {
      201: {
        description: 'The organisation, with its first key.',
        schema: organisationSchema.extend({ api_key: firstKey }).openapi('NewOrganisation'),
        headers: { Location: 'Address of the organisation.' },
      },
    },
    problems: ['already_exists'],
    isOneTransaction: true,
    handle: (incoming) =>
      incoming.write(async (engine) => {
        const { actor, body } = incoming;
        const { time_zone: timeZone, admin_user_id: userId, ...rest } = body;
        const made = await engine.organisations.create({ actor, ...rest, timeZone });
        const founding = { orgId: made.orgId, actor: { kind: 'system', name: 'founding' } } as const;
        const { key, secret } = await engine.apiKeys.create({ ...founding, name: 'First key', scopes: ['admin'] });
        if (userId !== undefined) await engine.roles.grant({ ...founding, userId, role: 'org_admin' });
        const apiKey = { id: key.apiKeyId, secret, scopes: key.scopes };
        return {
          status: 201,
          body: { ...showOrganisation(made, true), api_key: apiKey },
          headers: { location: `/api/v1/organisations/${made.orgId}`, 'cache-control': 'no-store' },
        };
      }),
  }),
  operation({
    id: 'exportOrganisation',
    method: 'post',
    path: '/api/v1/organisations/{id}/export',
    tag,
    summary: 'Export everything',
    description:
      'Every row of the organisation at one moment, as lines of JSON: `{"table", "row"}`, contact data opened, without secrets and hashes. ' +
      'The last line is `{"receipt", "rows"}`: where it is missing, the export was cut off.',
    access: callersWho('organisation.export'),
    params: idParams,
    answers: {
      200: { description: 'Lines of JSON.', schema: z.string(), contentType: 'application/x-ndjson' },
    },
    runsAnew: true,
    handle: answerExport,
  }),
  operation({
    id: 'previewOffboardOrganisation',
    method: 'post',
    path: '/api/v1/organisations/{id}/offboard/preview',
    tag,
    summary: 'What leaving would delete',
    access: callersWho('organisation.offboard'),
    params: idParams,
    answers: { 200: { description: 'What would go.', schema: z.object({ slug: z.string(), rows: rowCounts }) } },
    runsAnew: true,
    handle: async (incoming) => {
      requireOwn(incoming);
      return { status: 200, body: await incoming.runtime.verve.offboarding.preview(incoming) };
    },
  }),
  operation({
    id: 'offboardOrganisation',
    method: 'post',
    path: '/api/v1/organisations/{id}/offboard',
    tag,
    summary: 'Leave for good',
    description:
      'Ends the organisation at once: keys, sign-ins, codes, links and addresses stop with the answer, this key too. Its rows are deleted ' +
      'in the background within minutes; no row of it stays in any table. The code strings are kept with nothing that says whose they were, so ' +
      'that nobody gets them again. Needs the receipt of an export, or `without_export`. Cannot be undone. A repeat is 401: who asked has no access ' +
      'any more.',
    access: callersWho('organisation.offboard'),
    params: idParams,
    body: offboardBody,
    bodyExample: { confirm: 'lydhor', receipt: '0b0b0b0b-0000-4000-8000-000000000002' },
    answers: {
      202: {
        description: 'It has left; its rows are being deleted.',
        schema: z.object({ outcome: z.literal('leaving'), organisation_id: z.string(), offboarded_at: time }),
      },
    },
    handle: async (incoming) => {
      requireOwn(incoming);
      const { orgId, actor, body } = incoming;
      const { confirm, receipt = null, without_export: isWithoutExport = false } = body;
      return incoming.write(async ({ offboarding }) => {
        const { offboardedAt } = await offboarding.begin({ orgId, actor, confirm, receipt, isWithoutExport });
        return { status: 202, body: { outcome: 'leaving', organisation_id: orgId, offboarded_at: offboardedAt } };
      });
    },
  }),
];
