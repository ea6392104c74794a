import type { ShareChannel } from '../../engine/share/channels.ts';
import type { PlannedMentor } from './plan-people.ts';
import type { Chance } from './seeded-random.ts';

/** One thing that happens, at a moment of the history. */
export type PlannedAct = { at: Date } & (
  | { kind: 'share'; mentorId: string; channel: ShareChannel }
  | { kind: 'open'; mentorId: string; channel: ShareChannel; userAgent: string }
  | { kind: 'press'; mentorId: string; channel: ShareChannel }
  | { kind: 'register'; mentorId: string; registrationRef: string; clickedAt: Date; channel: ShareChannel }
  | {
      kind: 'confirm' | 'reject' | 'reverse';
      memberId: string;
      registrationRef: string | null;
      mentorId: string | null;
    }
  /** A confirmation whose code was mistyped in one place. */
  | { kind: 'mistype'; memberId: string; mentorId: string; place: number }
  | { kind: 'claim'; mentorId: string; memberId: string; channel: ShareChannel }
  | { kind: 'rotate' | 'misuse' | 'leave' | 'pause' | 'join'; mentorId: string }
  | { kind: 'tidy' }
);

const dayMs = 86_400_000;
const hourMs = 3_600_000;

const channelsByUse = [
  ['sms', 26],
  ['messenger', 18],
  ['whatsapp', 12],
  ['facebook', 10],
  ['email', 9],
  ['copy', 8],
  ['qr', 14],
  ['other', 3],
] as const satisfies (readonly [ShareChannel, number])[];

/** How many people open what was shared through a channel. */
const opensPerShare: Readonly<Record<ShareChannel, number>> = {
  sms: 0.7,
  messenger: 0.9,
  whatsapp: 0.9,
  facebook: 3.2,
  email: 0.8,
  copy: 0.6,
  qr: 1.4,
  poster: 0.5,
  other: 0.4,
};

const browsers = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36',
];
/** Who looks at a link before any person does. */
const previewers: Readonly<Partial<Record<ShareChannel, string>>> = {
  messenger: 'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  facebook: 'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  whatsapp: 'WhatsApp/2.23.20.0',
};

/** More in autumn and spring, little in July and at Christmas. By month from January. */
const seasons = [1.0, 1.1, 1.2, 1.1, 0.9, 0.6, 0.3, 0.8, 1.4, 1.5, 1.3, 0.6];

/** Plans a history of `dayCount` days from `from` (a midnight), in the order of time. Pure but for the chance it draws. */
export function planHistory(
  chance: Chance,
  input: { from: Date; dayCount: number; mentors: readonly PlannedMentor[] },
): PlannedAct[] {
  const { from, dayCount, mentors } = input;
  const start = from.getTime();
  const end = start + dayCount * dayMs;
  const acts: PlannedAct[] = [];
  let nextMember = 200_000;
  const add = (act: PlannedAct) => {
    if (act.at.getTime() < end) acts.push(act);
  };
  const later = (at: Date, hours: number) => new Date(at.getTime() + Math.round(hours * hourMs));
  const newMemberId = () => {
    nextMember += chance.between(1, 9);
    return `L-${nextMember}`;
  };

  /** What follows for the membership system: paid within weeks, refused, or silence. */
  function planMembership(mentorId: string, registrationRef: string, registeredAt: Date): void {
    const fate = chance.next();
    if (fate > 0.76) return;
    const memberId = newMemberId();
    const at = later(registeredAt, 24 * (3 + chance.next() ** 2 * 55));
    if (fate > 0.72) {
      add({ at, kind: 'reject', memberId, registrationRef, mentorId });
      return;
    }
    // Most systems send the reference back, some only the code.
    add({ at, kind: 'confirm', memberId, registrationRef: chance.happens(0.8) ? registrationRef : null, mentorId });
    if (chance.happens(0.03)) {
      add({
        at: later(at, 24 * chance.between(20, 120)),
        kind: 'reverse',
        memberId,
        registrationRef: null,
        mentorId: null,
      });
    }
    if (chance.happens(0.006)) {
      const other = chance.pick(mentors).mentorId;
      add({ at: later(at, 24 * 2), kind: 'confirm', memberId, registrationRef: null, mentorId: other });
    }
  }

  function planOpening(mentorId: string, channel: ShareChannel, at: Date): void {
    add({ at, kind: 'open', mentorId, channel, userAgent: chance.pick(browsers) });
    if (!chance.happens(0.42)) return;
    add({ at: later(at, 0.02), kind: 'press', mentorId, channel });
    if (!chance.happens(0.55)) return;
    const registeredAt = later(at, 0.05 + chance.next() ** 4 * 70);
    const registrationRef = chance.uuid();
    add({ at: registeredAt, kind: 'register', mentorId, registrationRef, clickedAt: at, channel });
    planMembership(mentorId, registrationRef, registeredAt);
  }

  function planDayOf(mentor: PlannedMentor, day: number): void {
    const { mentorId } = mentor;
    const midnight = new Date(start + day * dayMs);
    const season = seasons[midnight.getUTCMonth()] ?? 1;
    const moment = () => later(midnight, 6 + chance.next() * 14.5);
    for (let shares = chance.count((mentor.zeal / 7) * season); shares > 0; shares -= 1) {
      const channel = chance.weigh(channelsByUse);
      const at = moment();
      add({ at, kind: 'share', mentorId, channel });
      const userAgent = previewers[channel];
      if (userAgent !== undefined) add({ at: later(at, 0.01), kind: 'open', mentorId, channel, userAgent });
      for (let opens = chance.count(opensPerShare[channel]); opens > 0; opens -= 1) {
        planOpening(mentorId, channel, later(at, 0.02 + chance.next() ** 3 * 96));
      }
    }
    // Posters hang where the zealous have put them, and people come who say the code aloud.
    if (chance.happens(0.02 * mentor.zeal * season)) planOpening(mentorId, 'poster', moment());
    if (chance.happens(0.006 * mentor.zeal * season)) {
      const memberId = newMemberId();
      if (chance.happens(0.12)) add({ at: moment(), kind: 'mistype', memberId, mentorId, place: chance.between(0, 9) });
      else add({ at: moment(), kind: 'confirm', memberId, registrationRef: null, mentorId });
    }
    if (chance.happens(0.0012 * mentor.zeal)) {
      add({ at: moment(), kind: 'claim', mentorId, memberId: newMemberId(), channel: chance.weigh(channelsByUse) });
    }
    if (chance.happens(0.0004)) add({ at: moment(), kind: 'rotate', mentorId });
  }

  for (const mentor of mentors) {
    const { mentorId, startsOnDay, leavesOnDay } = mentor;
    const at = (day: number, hours: number) => later(new Date(start + day * dayMs), hours);
    add({ at: at(startsOnDay, 5), kind: 'join', mentorId });
    for (let day = startsOnDay; day < Math.min(dayCount, leavesOnDay ?? dayCount); day += 1) planDayOf(mentor, day);
    if (leavesOnDay !== null) add({ at: at(leavesOnDay, 12), kind: 'leave', mentorId });
    else if (chance.happens(0.02)) add({ at: at(chance.between(startsOnDay, dayCount), 12), kind: 'pause', mentorId });
    else if (chance.happens(0.004))
      add({ at: at(chance.between(startsOnDay, dayCount), 12), kind: 'misuse', mentorId });
  }
  const selves = mentors.filter((mentor) => mentor.startsOnDay === 0).slice(0, 3);
  for (const { mentorId, memberId } of selves) {
    const at = later(from, 24 * chance.between(1, dayCount) - 10);
    add({ at, kind: 'confirm', memberId, registrationRef: null, mentorId });
  }
  // Once a week somebody tidies up; not in the last three weeks, so that something waits.
  for (let day = 6; day < dayCount - 21; day += 7) add({ at: later(from, day * 24 + 21), kind: 'tidy' });
  return acts.sort((one, other) => one.at.getTime() - other.at.getTime());
}
