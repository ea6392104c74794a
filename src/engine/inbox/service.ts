import { type Actor, describeActor } from '../actor.ts';
import { requirePermission } from '../attributions/act.ts';
import { type FactIntake, requireMemberId } from '../attributions/fact-intake.ts';
import { lockNamed } from '../attributions/lock-named.ts';
import { readCode } from '../codes/read-code.ts';
import type { Session } from '../database.ts';
import { refuseMissing } from '../database-faults.ts';
import { isDay } from '../day.ts';
import { VerveError } from '../errors.ts';
import { appendEvents } from '../events/repository.ts';
import { requireUuid } from '../ids.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import { rehearse } from '../rehearse.ts';
import { shortText } from '../short-text.ts';
import * as repository from './repository.ts';
import { type Reopened, type ResolveBy, type Resolved, reopenInboxItem, resolveInboxItem } from './resolve.ts';

export interface NewClaim {
  claimant: 'mentor' | 'member' | 'coordinator';
  /** Who is said to have recruited; null = the claimant does not know. */
  mentorId?: string | null;
  code?: string | null;
  /** Only with a key or as administrator. */
  memberId?: string | null;
  /** The day on which they met, `YYYY-MM-DD` in the organisation's zone. */
  metOn?: string | null;
  channel?: string | null;
}

export interface Inbox {
  get(call: Call & { inboxItemId: string }): Promise<repository.InboxItem>;
  /** Oldest first; `after` is the last item seen. */
  list(call: Call & Partial<Parameters<typeof repository.listItems>[1]>): Promise<repository.InboxItem[]>;
  /** Settles a case with a reason. Safe to repeat. */
  resolve(call: Call & { inboxItemId: string; reason: string; by: ResolveBy }): Promise<Resolved>;
  /** What `resolve` would answer and move, without writing. */
  previewResolve(call: Call & { inboxItemId: string; reason: string; by: ResolveBy }): Promise<Resolved>;
  /** Undoes a resolution where that is possible, and opens the case again. Safe to repeat. */
  reopen(call: Call & { inboxItemId: string; reason: string }): Promise<Reopened>;
  /**
   * "I forgot to say who recruited me" (spec §2.19): files a claim and opens its case. Each call files one; use an
   * Idempotency-Key over HTTP. Refuses (`unprocessable`) a member who was erased and of whom no later membership is known,
   * and a mentor of nobody here (`not_found`).
   */
  claimRecruitment(call: Call & NewClaim): Promise<{ claimId: string; inboxItemId: string }>;
}

export function createInbox(parts: EngineParts, intake: FactIntake): Inbox {
  async function lockMember(session: Session, model: string, memberId: string): Promise<string> {
    const [source] = await lockNamed(session, parts.keyRing, model, [memberId]);
    if (source == null) {
      const detail = 'This person was erased. A claim can be filed once a later membership has been registered.';
      throw new VerveError('unprocessable', detail);
    }
    return source.sourceId;
  }

  return {
    get: (call) =>
      inOrganisation(parts, call, async (session) => {
        const item = await repository.findItem(session, requireUuid(call.inboxItemId, 'inbox_item_id'));
        if (item === null) throw new VerveError('not_found');
        await requirePermission(session, call.actor, 'inbox.read', item.mentorId === null ? [] : [item.mentorId]);
        return item;
      }),
    list: (call) =>
      inOrganisation(parts, call, (session) => {
        requireMay(call.actor, 'inbox.read');
        const { status = 'open', kind = null, after = null, limit = 50 } = call;
        return repository.listItems(session, { status, kind, after, limit });
      }),
    resolve: (call) => inOrganisation(parts, call, (session) => resolveInboxItem(parts, intake, session, call)),
    previewResolve: (call) => rehearse(parts, call.orgId, (session) => resolveInboxItem(parts, intake, session, call)),
    reopen: (call) => inOrganisation(parts, call, (session) => reopenInboxItem(parts, session, call)),
    claimRecruitment: (call) =>
      inOrganisation(parts, call, async (session) => {
        const mentorId = call.mentorId == null ? null : requireUuid(call.mentorId, 'mentor_id');
        await requirePermission(session, call.actor, 'claim.file', mentorId === null ? [] : [mentorId]);
        const { memberId, ...claim } = readClaim(call);
        const sourceId = memberId === null ? null : await lockMember(session, claim.sourceModel, memberId);
        const write = repository.fileClaim(session, { ...claim, sourceId, mentorId });
        const filed = await refuseMissing('claims_mentor_in_same_organisation', 'There is no such mentor.', write);
        const data = { inbox_item_id: filed.inboxItemId, kind: 'claim' };
        await appendEvents(session, [{ type: 'inbox.opened', mentorId, data }]);
        return filed;
      }),
  };
}

function readClaim(call: Call & NewClaim) {
  if (call.memberId != null) requireMay(call.actor, 'registration.name_member');
  const metOn = call.metOn ?? null;
  if (metOn !== null && !isDay(metOn)) {
    const fields = [{ field: 'met_on', message: 'must be a day such as 2026-11-20' }];
    throw new VerveError('invalid_request', 'met_on must be a day such as 2026-11-20.', { fields });
  }
  const code = call.code == null ? null : (readCode(call.code) ?? shortText(call.code.trim(), 64));
  return {
    claimant: call.claimant,
    sourceModel: 'membership',
    memberId: call.memberId == null ? null : requireMemberId(call.memberId, 'member_id'),
    code,
    metOn,
    channel: call.channel ?? null,
    filedBy: describeActor(call.actor satisfies Actor),
  };
}
