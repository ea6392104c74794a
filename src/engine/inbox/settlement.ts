import type { Actor } from '../actor.ts';
import type { Consequence } from '../attributions/act.ts';
import type { FactOutcome } from '../attributions/fact.ts';
import type { InboxItem, Resolution } from './repository.ts';

/** How a person settles a case. Every way needs a reason. */
export type ResolveBy =
  /** The member was recruited by this mentor. */
  | { how: 'attach'; mentorId: string }
  /** The code was meant to be this one. */
  | { how: 'correct_code'; code: string }
  /**
   * The claim, which names no member, is about this recruitment. It goes to `mentorId` where it is another's.
   * (Default: whom the claim names, else whose it is)
   */
  | { how: 'link'; attributionId: string; mentorId?: string | null | undefined }
  /** Nothing is credited: a claim is declined, a conflict stays as it is. */
  | { how: 'dismiss' };

/** How a case was settled, and what that moved. */
export interface Settlement {
  resolution: Resolution;
  attributionId: string | null; // null = nothing was credited
  fact: FactOutcome['outcome'] | null;
  consequence: Consequence | null;
  /** What is kept at the case, for undoing it. */
  details: Record<string, unknown>;
}

/** A case that somebody is to be credited by. */
export interface CreditCall<By extends ResolveBy = Exclude<ResolveBy, { how: 'dismiss' }>> {
  item: InboxItem;
  by: By;
  reason: string;
  actor: Actor;
}
