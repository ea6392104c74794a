import type { Session } from '../database.ts';
import type { Ledger } from './ledger.ts';
import type { Loaded } from './repository.ts';
import { countOthersArrivals } from './velocity-repository.ts';

/**
 * Whether others have meanwhile brought a mentor past the limit of an hour (spec §2.10), so that what this batch took for
 * within it was not. Nobody waits for a busy mentor while he decides: it is asked at the end, and what was decided on an old
 * count is decided anew. Asked from half the limit on: most mentors never come there, and pay nothing (asking always took about
 * 7 % of the confirmations a second, in three short pairs of runs). Below it the others would have to bring the other half
 * within one transaction.
 */
export async function hasOutrunVelocity(session: Session, ledger: Ledger, loaded: Loaded): Promise<boolean> {
  const limit = ledger.rules.velocityPerHour;
  // From the limit on everything is flagged already, whatever others do; and what is known is counted no further.
  const mayPass = (known: number, own: number) => own > 0 && known < limit && known + own >= limit / 2;
  const asked = loaded.mentors.flatMap((before) => {
    const after = ledger.mentors.get(before.mentorId) ?? before;
    const registrations = after.recentRegistrations - before.recentRegistrations;
    const confirmations = after.recentConfirmations - before.recentConfirmations;
    const isAsked = {
      registrations: mayPass(before.recentRegistrations, registrations),
      confirmations: mayPass(before.recentConfirmations, confirmations),
    };
    return isAsked.registrations || isAsked.confirmations ? [{ before, isAsked, registrations, confirmations }] : [];
  });
  if (asked.length === 0) return false;
  const made = new Set(ledger.made);
  const changed = [...ledger.changed].filter((one) => !made.has(one));
  const others = await countOthersArrivals(session, {
    mentorIds: asked.map(({ before }) => before.mentorId),
    exceptIds: [...ledger.changed].map((one) => one.attributionId),
    most: limit + 1,
  });
  const byMentor = new Map(others.map((one) => [one.mentorId, one]));
  return asked.some(({ before, isAsked, registrations, confirmations }) => {
    const now = byMentor.get(before.mentorId);
    if (now === undefined) return false;
    // What this batch changed is not among the others', whether it was counted before or not.
    const own = changed.filter((one) => one.mentorId === before.mentorId);
    const registered = before.recentRegistrations - own.filter((one) => one.hasRegisteredLately === true).length;
    const confirmed = before.recentConfirmations - own.filter((one) => one.hasConfirmedLately === true).length;
    return (
      (isAsked.registrations && now.registrations > registered && now.registrations + registrations > limit) ||
      (isAsked.confirmations && now.confirmations > confirmed && now.confirmations + confirmations > limit)
    );
  });
}
