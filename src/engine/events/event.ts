/** The names of all events (spec §4). The general engine's own names begin with `referral:`. */
export type EventType =
  | 'code.created'
  | 'code.rotated'
  | 'code.invalidated'
  | 'share.recorded'
  | 'registration.recorded'
  | 'recruitment.confirmed'
  | 'recruitment.credited'
  | 'recruitment.reversed'
  | 'recruitment.reinstated'
  | 'recruitment.reassigned'
  | 'recruitment.rejected'
  | 'recruitment.removed'
  | 'recruitment.restored'
  | 'review.requested'
  | 'review.approved'
  | 'review.rejected'
  | 'review.withdrawn'
  | 'milestone.reached'
  | 'milestone.revoked'
  | 'badge.awarded'
  | 'inbox.opened'
  | 'inbox.resolved'
  | 'inbox.waiting'
  | 'webhook.test'
  | 'referral:code.created'
  | 'referral:code.deactivated'
  | 'referral:converted'
  | 'referral:approved'
  | 'referral:rejected';

/** What an event may tell beside whom it is about, and send to subscribers: our own ids, counts, times and closed words. */
export const EVENT_DATA_KEYS = [
  'award_id',
  'award_key',
  'badge_definition_id',
  'channel',
  'count',
  'earned_badge_id',
  'endpoint_id',
  'flags',
  'from_mentor_id',
  'inbox_item_id',
  'is_credited',
  'is_implied',
  'is_reopened',
  'kind',
  'milestone',
  'milestone_type',
  'next_code_id',
  'oldest_opened_at',
  'origin',
  'owner_model',
  'previous_code_id',
  'reason',
  'reason_code',
  'resolution',
  'sequence',
  'share_id',
  'shared_at',
  'source_model',
  'superseded_attribution_id',
  'threshold',
  'type',
  'was_credited',
] as const;

/** An event's own data. Never member ids, names, contact data or free text. */
export type EventData = { readonly [Key in (typeof EVENT_DATA_KEYS)[number]]?: unknown };

/** A change about to be recorded. */
export interface NewEvent {
  type: EventType;
  mentorId?: string | null;
  codeId?: string | null;
  attributionId?: string | null;
  data?: EventData;
}

/** A recorded change. `seq` orders the events of one database; `id` is the id by which receivers know it. */
export interface RecordedEvent {
  seq: number;
  id: string;
  orgId: string;
  type: EventType;
  occurredAt: Date;
  mentorId: string | null;
  codeId: string | null;
  attributionId: string | null;
  data: Record<string, unknown>;
}
