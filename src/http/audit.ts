import { z } from '@hono/zod-openapi';
import { type AuditAction, auditedActions } from '../engine/audit/actions.ts';
import { callersWho } from './access.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import { instant, time } from './lists/schemas.ts';
import { operation } from './operation.ts';
import { requireAnywhere } from './permission-anywhere.ts';
import { auditSource } from './rows/mentor-rows-repository.ts';

const entrySchema = z
  .object({
    id: z.string(),
    actor: z.string().nullable().openapi({ description: 'null = erased, or kept no longer.' }),
    action: z.enum(Object.keys(auditedActions) as [AuditAction, ...AuditAction[]]),
    subject_type: z.string(),
    subject_id: z.string().nullable(),
    occurred_at: time,
    payload: z.unknown().openapi({ description: 'null = erased, or kept no longer.' }),
    is_sealed: z.boolean().openapi({ description: 'Whether the chain covers it already.' }),
  })
  .openapi('AuditEntry');

export const audit = [
  operation({
    id: 'listAuditEntries',
    method: 'get',
    path: '/api/v1/audit',
    tag: 'Privacy',
    summary: 'Read the audit log',
    description:
      'Who did what, newest first: everything that administrators, coordinators and keys decide. Entries are chained within minutes; docs/audit.md says what each action means.',
    access: callersWho('audit.read'),
    query: z.object({
      ...pagingQuery,
      action: z.enum(Object.keys(auditedActions) as [AuditAction, ...AuditAction[]]).optional(),
      subject_id: z.string().max(128).optional(),
      actor: z
        .string()
        .max(128)
        .optional()
        .openapi({ description: 'As the entries write it: `person:` or `key:` and an id.' }),
      from: instant.optional().openapi({ description: 'Entries of this time and later.' }),
      to: instant.optional().openapi({ description: 'Entries before this time.' }),
    }),
    answers: { 200: listForm(entrySchema, 'A page of the log.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: (incoming) => {
      requireAnywhere(incoming.actor, 'audit.read');
      const { action, subject_id: subjectId, actor, from, to } = incoming.query;
      const conditions = [
        { sql: 'listed.action = ?', value: action },
        { sql: 'listed.subject_id = ?', value: subjectId },
        { sql: 'listed.actor = ?', value: actor },
        { sql: 'listed.occurred_at >= ?::timestamptz', value: from },
        { sql: 'listed.occurred_at < ?::timestamptz', value: to },
      ].filter(({ value }) => value !== undefined);
      return answerList(incoming, 'listAuditEntries', auditSource, conditions);
    },
  }),
];
