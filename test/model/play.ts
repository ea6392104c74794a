import type { CodeChoice, Command } from './commands.ts';
import { MENTOR_WHO_IS_MEMBER } from './commands.ts';
import { applyFact } from './facts.ts';
import { resolveMember } from './find.ts';
import { approve, reassign, reject, relinkMember, setRemoved } from './people.ts';
import { type FactKind, isCredited, type ModelAttribution, type ModelFact, type World } from './world.ts';

/** A fact with its people, codes and times filled in: what both sides are given. */
export interface ConcreteFact extends ModelFact {
  readonly kind: FactKind;
}

/** The names that a history's numbers stand for. */
export interface Cast {
  readonly mentorIds: readonly string[];
  readonly coordinatorIds: readonly string[];
  readonly unknownCode: string;
  readonly foreignCode: string;
}

export const memberName = (member: number): string =>
  member === MENTOR_WHO_IS_MEMBER ? 'member-who-is-mentor' : `member-${member}`;

const codeText = (world: World, cast: Cast, choice: CodeChoice): string | null => {
  if (choice === 'none') return null;
  if (choice === 'unknown') return cast.unknownCode;
  if (choice === 'foreign') return cast.foreignCode;
  const made = [...world.codes.keys()];
  return made[choice.made % made.length] ?? null;
};

/**
 * Fills in a fact. Two anonymous registrations of one code at the same instant are moved a millisecond apart: which of
 * them the rule "the oldest" takes is nobody's business, and both sides must take the same.
 */
export const concreteFact = (world: World, cast: Cast, command: Command & { do: 'fact' }): ConcreteFact => {
  const code = codeText(world, cast, command.code);
  let occurredAt = command.occurredAgo === null ? null : world.now - command.occurredAgo;
  if (command.kind === 'registered') {
    let at = occurredAt ?? world.now;
    while (world.attributions.some((one) => one.code === code && one.registeredAt === at)) at += 1;
    occurredAt = at;
  }
  return {
    kind: command.kind,
    memberId: command.member === null ? null : memberName(command.member),
    code,
    registrationRef: command.ref === null ? null : `registration-${command.ref}`,
    registeredAt:
      command.kind === 'registered'
        ? occurredAt
        : command.registeredAgo === null
          ? null
          : world.now - command.registeredAgo,
    occurredAt,
  };
};

/** The attribution that a person's command means: the member's current one. */
export const currentOf = (world: World, member: number): ModelAttribution | null =>
  world.sources.get(resolveMember(world, memberName(member)))?.current ?? null;

/** Plays a person's or the calendar's command on the model; codes that the engine made are told by `newCode`. */
export const playOnModel = (world: World, cast: Cast, command: Command, newCode: string | null): string => {
  switch (command.do) {
    case 'fact':
      return applyFact(world, concreteFact(world, cast, command));
    case 'advance':
      world.now += command.ms;
      return 'advanced';
    case 'review':
      world.settings.review = command.setting;
      return 'set';
    case 'rotate':
    case 'invalidate': {
      const mentorId = cast.mentorIds[command.mentor] as string;
      for (const code of world.codes.values()) {
        if (code.mentorId !== mentorId || code.rotatedAt !== null || code.invalidatedAt !== null) continue;
        if (command.do === 'rotate') code.rotatedAt = world.now;
        else code.invalidatedAt = world.now;
      }
      if (newCode !== null) addCode(world, newCode, mentorId);
      return 'ended';
    }
    case 'relink':
      return relinkMember(world, memberName(command.from), memberName(command.to));
    case 'approve':
    case 'reject':
    case 'remove':
    case 'restore':
    case 'reassign':
      return playOnAttribution(world, cast, command);
  }
};

const playOnAttribution = (
  world: World,
  cast: Cast,
  command: Extract<Command, { do: 'approve' | 'reject' | 'remove' | 'restore' | 'reassign' }>,
): string => {
  const attribution = currentOf(world, command.member);
  if (!attribution) return 'nothing';
  if (command.do === 'approve') return approve(world, attribution, String(cast.coordinatorIds[command.coordinator]));
  if (command.do === 'reject') return reject(attribution);
  if (command.do !== 'reassign') {
    setRemoved(world, attribution, command.do === 'remove');
    return command.do;
  }
  const active = activeCodeOf(world, cast.mentorIds[command.mentor] as string);
  return active === null ? 'refused' : reassign(world, attribution, active);
};

export const activeCodeOf = (world: World, mentorId: string): string | null =>
  [...world.codes.values()].find(
    (code) => code.mentorId === mentorId && code.rotatedAt === null && code.invalidatedAt === null,
  )?.code ?? null;

export const addCode = (world: World, code: string, mentorId: string): void => {
  world.codes.set(code, { code, mentorId, expiresAt: null, rotatedAt: null, invalidatedAt: null });
};

/** Everything that is compared, in words that both sides can say. */
export interface Snapshot {
  readonly attributions: readonly string[];
  readonly totals: Readonly<Record<string, number>>;
  readonly awards: readonly string[];
  readonly inbox: readonly string[];
}

export const describeAttribution = (one: {
  memberId: string | null;
  code: string;
  status: string;
  review: string;
  isCredited: boolean;
  isRemoved: boolean;
  isSuperseded: boolean;
  isLate: boolean;
  isMismatched: boolean;
}): string =>
  [
    one.memberId ?? 'nobody yet',
    one.code,
    one.status,
    // Only an open or negative review says something that the status does not.
    one.status === 'confirmed' && (one.review === 'waiting' || one.review === 'rejected') ? `review ${one.review}` : '',
    one.isCredited ? 'credited' : '',
    one.isRemoved ? 'removed' : '',
    one.isSuperseded ? 'superseded' : '',
    one.isLate ? 'late' : '',
    one.isMismatched && one.status === 'confirmed' ? 'mismatch' : '',
  ]
    .filter((word) => word !== '')
    .join(' · ');

/** A case of a member that was merged into another is that other's: two of them read as one. */
export const distinct = (words: readonly string[]): string[] => [...new Set(words)].sort();

export const snapshotOfModel = (world: World): Snapshot => ({
  attributions: world.attributions
    .map((one) =>
      describeAttribution({
        memberId: one.memberId === null ? null : resolveMember(world, one.memberId),
        code: one.code,
        status: one.status,
        review: one.review,
        isCredited: isCredited(one),
        isRemoved: one.removed,
        isSuperseded: one.superseded,
        isLate: one.flags.has('late_after_end'),
        isMismatched: one.flags.has('code_mismatch'),
      }),
    )
    .sort(),
  totals: Object.fromEntries([...world.mentors.keys()].sort().map((id) => [id, world.totals.get(id) ?? 0])),
  awards: [...world.awards].sort(),
  inbox: distinct(
    [...world.inbox].map((item) => {
      const [kind, memberId, code] = item.split('|') as [string, string, string];
      return `${kind}|${memberId === '' ? '' : resolveMember(world, memberId)}|${code}`;
    }),
  ),
});
