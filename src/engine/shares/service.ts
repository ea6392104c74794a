import { z } from 'zod';
import { authoriseAboutMentor } from '../branches/authorise-about-mentor.ts';
import { appendEvents } from '../events/repository.ts';
import { requireUuid } from '../ids.ts';
import { readInput } from '../input.ts';
import { makePage, type Page, type PageRequest, readPageRequest } from '../paging.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import { shareChannels } from '../share/channels.ts';
import { insertShare, listShares, type Share } from './repository.ts';

const newShare = z.strictObject({
  mentorId: z.uuid(),
  channel: z.enum(shareChannels),
  /** The sender's time; counts if at most 72 h old. (Default: now) */
  sharedAt: z.date().nullable().default(null),
});

export type RecordShareOutcome =
  | { outcome: 'recorded'; share: Share }
  /** The mentor has no active code to share. */
  | { outcome: 'noActiveCode' };

export type SharesService = ReturnType<typeof createShares>;

/** Completed shares: a mentor passed the link on through a channel. Nothing is known of to whom. */
export function createShares(parts: EngineParts) {
  return {
    /** Records a completed share, with its event. Not safe to repeat: each call is one share (over HTTP, Idempotency-Key). */
    async record(input: Call & z.input<typeof newShare>): Promise<RecordShareOutcome> {
      const { orgId, actor, ...given } = input;
      const wanted = readInput(newShare, given);
      const mentorId = requireUuid(wanted.mentorId, 'mentor_id');
      return inOrganisation(parts, { orgId }, async (session) => {
        await authoriseAboutMentor(session, actor, 'code.share', mentorId);
        const share = await insertShare(session, {
          ownerModel: 'mentor',
          ownerRef: mentorId,
          channel: wanted.channel,
          sharedAt: wanted.sharedAt,
        });
        if (share === null) return { outcome: 'noActiveCode' };
        await appendEvents(session, [
          {
            type: 'share.recorded',
            mentorId,
            codeId: share.codeId,
            data: { share_id: share.shareId, channel: share.channel, shared_at: share.sharedAt.toISOString() },
          },
        ]);
        return { outcome: 'recorded', share };
      });
    },

    /** A mentor's shares, newest first; without a mentor the organisation's, for those who may see all of it. */
    async list(input: Call & { mentorId?: string | undefined; page?: PageRequest | undefined }): Promise<Page<Share>> {
      const page = readPageRequest(input.page ?? {});
      const mentorId = input.mentorId === undefined ? null : requireUuid(input.mentorId, 'mentor_id');
      return inOrganisation(parts, input, async (session) => {
        if (mentorId === null) requireMay(input.actor, 'code.read');
        else await authoriseAboutMentor(session, input.actor, 'code.read', mentorId);
        const rows = await listShares(session, { mentorId }, { ...page, limit: page.limit + 1 });
        const { items, next } = makePage(rows, page.limit);
        return { items: items.map(({ id: _, ...share }) => share), next };
      });
    },
  };
}
