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

/** A change about to be recorded. `data` holds our own ids and counts, never member ids or contact data. */
export interface NewEvent {
  type: EventType;
  mentorId?: string | null;
  codeId?: string | null;
  attributionId?: string | null;
  data?: Record<string, unknown>;
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
