import { z } from '@hono/zod-openapi';
import { may } from '../engine/permissions.ts';
import { findMemberIds } from './lists/member-ids-repository.ts';
import { readVisible } from './lists/read-visible.ts';
import { dayShown, time, timeOrNull } from './lists/schemas.ts';
import type { Incoming } from './operation.ts';
import { attributionSource, recruitSource } from './rows/attribution-rows-repository.ts';

/** A conversion as the contract shows it. Times are null for a mentor, who sees days. */
export const attributionSchema = z
  .object({
    id: z.string(),
    type: z.literal('conversion'),
    org_id: z.string(),
    mentor_id: z.string().nullable(),
    code: z.string(),
    status: z.enum(['pending', 'confirmed', 'rejected', 'reversed', 'expired']),
    is_confirmed: z.boolean(),
    is_credited: z.boolean(),
    review_state: z.enum(['none', 'waiting', 'approved', 'rejected', 'withdrawn']),
    flags: z.array(z.string()),
    linked_by: z.string().nullable(),
    new_member_id: z.string().nullable().openapi({
      description: 'The member id, for administrators and keys with `members:read`; otherwise null.',
    }),
    source_model: z.string(),
    channel: z.string().nullable(),
    branch_id: z.string().nullable(),
    clicked_on: dayShown.nullable(),
    registered_on: dayShown,
    confirmed_on: dayShown.nullable(),
    credited_on: dayShown.nullable(),
    occurred_at: timeOrNull,
    registered_at: timeOrNull,
    confirmed_at: timeOrNull,
    credited_at: timeOrNull,
    reversed_at: timeOrNull,
    rejected_at: timeOrNull,
    rejection_reason: z.string().nullable(),
    removed_at: timeOrNull,
    superseded_by: z.string().nullable(),
    created_at: timeOrNull,
  })
  .openapi('Attribution');

/** A click as the contract shows it: told apart by its type, never with an id in a list. */
export const clickSchema = z
  .object({
    id: z.string().nullable().openapi({ description: 'Given only in the answer to the click itself.' }),
    type: z.literal('click'),
    code: z.string(),
    mentor_id: z.string().nullable(),
    status: z.literal('pending'),
    is_confirmed: z.literal(false),
    new_member_id: z.null(),
    class: z.string(),
    channel: z.string().nullable(),
    platform: z.string().nullable(),
    occurred_at: time,
    created_at: time,
  })
  .openapi('Click');

/** Whether the caller sees only own recruits: a mentor without any other role here. */
export function isOnlyMentor(incoming: Pick<Incoming<unknown, unknown, unknown>, 'actor'>): boolean {
  const { actor } = incoming;
  return actor.kind === 'person' && !actor.roles.some((held) => held.role !== 'peer_mentor');
}

/** Makes the contract's form of a row of `attributionSource` or `recruitSource`. */
export function showAttribution(row: Record<string, unknown>, pendingSince: Date, memberId: string | null = null) {
  const registeredAt = row.registered_at instanceof Date ? row.registered_at : null;
  const isExpired = row.status === 'pending' && registeredAt !== null && registeredAt <= pendingSince;
  return {
    id: row.id,
    type: 'conversion',
    org_id: row.org_id,
    mentor_id: row.mentor_id,
    code: row.code,
    status: isExpired ? 'expired' : row.status,
    is_confirmed: row.status === 'confirmed',
    is_credited: row.is_credited,
    review_state: row.review_state,
    flags: row.flags ?? [],
    linked_by: row.linked_by ?? null,
    new_member_id: memberId,
    source_model: row.source_model ?? 'membership',
    channel: row.channel ?? null,
    branch_id: row.branch_id ?? null,
    clicked_on: row.clicked_on,
    registered_on: row.registered_on,
    confirmed_on: row.confirmed_on,
    credited_on: row.credited_on,
    occurred_at: row.confirmed_at ?? registeredAt,
    registered_at: registeredAt,
    confirmed_at: row.confirmed_at ?? null,
    credited_at: row.credited_at ?? null,
    reversed_at: row.reversed_at ?? null,
    rejected_at: row.rejected_at ?? null,
    rejection_reason: row.rejection_reason ?? null,
    removed_at: row.removed_at ?? null,
    superseded_by: row.superseded_by ?? null,
    created_at: row.created_at ?? null,
  };
}

/** Before when a registration that nothing confirmed shows as expired. */
export async function pendingSinceOf(
  incoming: Pick<Incoming<unknown, unknown, unknown>, 'runtime' | 'orgId'>,
): Promise<Date> {
  const organisation = await incoming.runtime.verve.organisations.recent(incoming.orgId);
  const days = organisation?.settings.rules.pendingDays ?? 365;
  return new Date(incoming.runtime.now().getTime() - days * 86_400_000);
}

/** The member ids of a page, where the caller may read them. */
export async function memberIdsFor(
  incoming: Pick<Incoming<unknown, unknown, unknown>, 'actor' | 'runtime' | 'orgId'>,
  attributionIds: readonly string[],
): Promise<Map<string, string>> {
  if (!may(incoming.actor, 'member.read').allowed || attributionIds.length === 0) return new Map();
  return incoming.runtime.verve.parts.database.transaction({ role: 'verve_engine', orgId: incoming.orgId }, (session) =>
    findMemberIds(session, attributionIds),
  );
}

/** One attribution in the form of the contract, as the caller may see it. */
export async function readAttribution(incoming: Incoming<{ id: string }, unknown, unknown>, id = incoming.params.id) {
  const source = isOnlyMentor(incoming) ? recruitSource : attributionSource;
  const row = await readVisible(incoming, source, [{ sql: 'listed.id = ?', value: id }], attributionSource);
  const memberIds = await memberIdsFor(incoming, [id]);
  return showAttribution(row, await pendingSinceOf(incoming), memberIds.get(id) ?? null);
}
