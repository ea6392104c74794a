import { z } from '@hono/zod-openapi';
import { checkDataverse } from '../connectors/dataverse/check.ts';
import {
  type OrganisationReconciliation,
  reconcileOrganisation,
} from '../connectors/dataverse/reconcile-organisation.ts';
import { VerveError } from '../engine/errors.ts';
import { requireMay } from '../engine/permissions.ts';
import type { Run } from '../engine/reconciliation/repository.ts';
import type { BegunRun } from '../engine/reconciliation/service.ts';
import { callersWho } from './access.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import { time, timeOrNull } from './lists/schemas.ts';
import { type Answer, type Incoming, operation } from './operation.ts';
import { reconciliationSource } from './rows/integration-rows-repository.ts';

const tag = 'Membership webhook';

const runSchema = z
  .object({
    id: z.string(),
    trigger: z.enum(['schedule', 'person', 'command']),
    status: z.enum(['running', 'succeeded', 'failed']),
    since: timeOrNull.openapi({ description: 'Rows changed at or after this were read; null = all.' }),
    started_at: time,
    finished_at: timeOrNull,
    seen: z.int(),
    matched: z.int().openapi({ description: 'Under an attribution, old or new.' }),
    credited: z.int(),
    already_known: z.int(),
    to_inbox: z.int(),
    failed: z.int().openapi({ description: 'Rows that could not be read.' }),
    error_code: z.string().nullable(),
    error_detail: z.string().nullable(),
  })
  .openapi('Reconciliation');

function showRun(run: Run) {
  const { seen, matched, credited, alreadyKnown, toInbox, failed } = run.counts;
  return {
    id: run.runId,
    trigger: run.trigger,
    status: run.status,
    since: run.since,
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    seen,
    matched,
    credited,
    already_known: alreadyKnown,
    to_inbox: toInbox,
    failed,
    error_code: run.errorCode,
    error_detail: run.errorDetail,
  };
}

/** Begins a run, and answers without waiting for its end; the list shows how it gets on. */
async function start(incoming: Incoming<undefined, undefined, undefined>): Promise<Answer> {
  const { runtime, orgId, actor } = incoming;
  requireMay(actor, 'integration.run');
  const { verve, dataverse, logger, now } = runtime;
  const connection = await dataverse.get(orgId);
  if (connection === null) throw notSetUp('notConfigured');
  if (connection.client === null) throw notSetUp('noCredentials');
  const asked = { orgId, trigger: 'person', actor } as const;
  let begun = null as BegunRun | null;
  const answer = await incoming.write(async ({ reconciliation }) => {
    begun = await reconciliation.begin(asked);
    const [run] = await reconciliation.list({ orgId, limit: 1 });
    if (begun === null || run === undefined) throw new VerveError('conflict', 'A reconciliation is running already.');
    return { status: 202, body: showRun(run) };
  });
  if (begun !== null) {
    reconcileOrganisation(verve, dataverse, { ...asked, begun, now }).catch((error: unknown) => {
      logger.error({ orgId, fault: error instanceof Error ? error.name : 'unknown' }, 'a reconciliation failed');
    });
  }
  return answer;
}

function notSetUp(
  outcome: Extract<OrganisationReconciliation['outcome'], 'notConfigured' | 'noCredentials'>,
): VerveError {
  const what =
    outcome === 'notConfigured'
      ? 'No membership system is set up.'
      : 'The membership system cannot be read: credentials are missing.';
  return new VerveError('unprocessable', `${what} See docs/dataverse.md.`);
}

const checkSchema = z
  .object({
    is_good: z.boolean(),
    steps: z.array(
      z.object({
        step: z.enum(['credentials', 'organisation', 'table', 'columns', 'page']),
        is_good: z.boolean(),
        message: z.string(),
      }),
    ),
  })
  .openapi('MembershipSystemCheck');

async function check({ runtime, orgId, actor }: Incoming<undefined, undefined, undefined>): Promise<Answer> {
  requireMay(actor, 'integration.run');
  const connection = await runtime.dataverse.get(orgId);
  if (connection === null) throw notSetUp('notConfigured');
  const { client, configuration } = connection;
  if (client === null) throw notSetUp('noCredentials');
  const timeZone = (await runtime.verve.organisations.recent(orgId))?.timeZone ?? 'Europe/Oslo';
  const found = await checkDataverse({ client, configuration, timeZone, now: runtime.now() });
  const steps = found.map(({ step, ok, message }) => ({ step, is_good: ok, message }));
  return { status: 200, body: { is_good: steps.every((step) => step.is_good), steps } };
}

export const reconciliations = [
  operation({
    id: 'listReconciliations',
    method: 'get',
    path: '/api/v1/reconciliations',
    tag,
    summary: 'List reconciliations',
    description: 'Newest first, with what each found and changed.',
    access: callersWho('integration.read'),
    query: z.object(pagingQuery),
    answers: { 200: listForm(runSchema, 'A page of runs.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: (incoming) => {
      requireMay(incoming.actor, 'integration.read');
      return answerList(incoming, 'listReconciliations', reconciliationSource, []);
    },
  }),
  operation({
    id: 'startReconciliation',
    method: 'post',
    path: '/api/v1/reconciliations',
    tag,
    summary: 'Reconcile now',
    description:
      'Reads from the membership system what changed since the last success less 48 hours. Answered at once; the list shows ' +
      'how it gets on. Safe to repeat: what is known changes nothing.',
    access: callersWho('integration.run'),
    answers: { 202: { description: 'The run, just begun.', schema: runSchema } },
    problems: ['conflict', 'unprocessable'],
    handle: start,
  }),
  operation({
    id: 'checkMembershipSystem',
    method: 'post',
    path: '/api/v1/reconciliations/check',
    tag,
    summary: 'Check the membership system',
    description: 'Tries credentials, organisation, table, columns and one page, and says what is wrong. Reads only.',
    access: callersWho('integration.run'),
    answers: { 200: { description: 'What was found.', schema: checkSchema } },
    runsAnew: true,
    problems: ['unprocessable'],
    handle: check,
  }),
];
