import { appendEvents } from '../events/repository.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { listExpiredCodes, retireCodes } from './issue-repository.ts';

const PART = 500;

/**
 * Retires codes whose lifetime has passed, as of that moment, and tells of each. Readers take an expired code for
 * rotated without it (spec §2.2); this tells subscribers. For the scheduler; safe to repeat. Gives how many.
 */
export async function expireCodes(
  parts: Pick<EngineParts, 'database'>,
  call: Pick<Call, 'orgId'>,
): Promise<{ retired: number }> {
  for (let retired = 0; ; ) {
    const part = await inOrganisation(parts, call, async (session) => {
      const expired = await listExpiredCodes(session, PART);
      const ids = new Set(
        await retireCodes(
          session,
          expired.map((code) => code.codeId),
          'system:expiry',
        ),
      );
      const ended = expired.filter((code) => ids.has(code.codeId));
      await appendEvents(
        session,
        ended.map(({ codeId, mentorId }) => ({
          type: mentorId === null ? 'referral:code.deactivated' : 'code.rotated',
          mentorId,
          codeId,
          data: { reason: 'expired' },
        })),
      );
      return ended.length;
    });
    retired += part;
    if (part < PART) return { retired };
  }
}
