import { z } from '@hono/zod-openapi';
import { callersWho } from './access.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import { time } from './lists/schemas.ts';
import { operation } from './operation.ts';
import { requireAnywhere } from './permission-anywhere.ts';
import { auditSource } from './rows/mentor-rows-repository.ts';

const entrySchema = z
  .object({
    id: z.string(),
    actor: z.string(),
    action: z.string(),
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
    access: callersWho('audit.read'),
    query: z.object({
      ...pagingQuery,
      action: z.string().max(64).optional(),
      subject_id: z.string().max(128).optional(),
    }),
    answers: { 200: listForm(entrySchema, 'A page of the log.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: (incoming) => {
      requireAnywhere(incoming.actor, 'audit.read');
      const { action, subject_id: subjectId } = incoming.query;
      const conditions = [
        ...(action === undefined ? [] : [{ sql: 'listed.action = ?', value: action }]),
        ...(subjectId === undefined ? [] : [{ sql: 'listed.subject_id = ?', value: subjectId }]),
      ];
      return answerList(incoming, 'listAuditEntries', auditSource, conditions);
    },
  }),
];
