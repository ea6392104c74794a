import { reopenCase, resolveCase } from './cases.ts';
import type { CodeChoice, Command } from './commands.ts';
import { MENTOR_WHO_IS_MEMBER, PERSONS } from './commands.ts';
import { eraseMember, isKnown } from './erase.ts';
import { applyFact } from './facts.ts';
import { resolveMember } from './find.ts';
import { fileClaim } from './inbox.ts';
import { approve, learnMemberId, reassign, reject, relinkMember, setRemoved } from './people.ts';
import {
  type FactKind,
  isCredited,
  type ModelAttribution,
  type ModelCase,
  type ModelFact,
  type World,
} from './world.ts';

/** The last of the persons. */
export const ADMINISTRATOR = PERSONS - 1;

/** A fact with its people, codes and times filled in: what both sides are given. */
export interface ConcreteFact extends ModelFact {
  readonly kind: FactKind;
}

/** The names that a history's numbers stand for. */
export interface Cast {
  readonly mentorIds: readonly string[];
  /** Two coordinators, then an administrator. */
  readonly personIds: readonly string[];
  readonly unknownCode: string;
  readonly foreignCode: string;
}

export const memberName = (member: number): string =>
  member === MENTOR_WHO_IS_MEMBER ? 'member-who-is-mentor' : `member-${member}`;

export const codeText = (world: World, cast: Cast, choice: CodeChoice): string | null => {
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
    membershipType: command.type,
    device: command.device,
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
    case 'rules':
      Object.assign(world.settings, {
        review: command.review,
        reviewRoles: command.roles,
        velocityPerHour: command.velocity,
      });
      return 'set';
    case 'zone':
      world.settings.timeZone = command.timeZone;
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
    case 'learn':
      learnMemberId(world, cast.mentorIds[command.mentor] as string, memberName(command.member));
      return 'learnt';
    case 'claim': {
      const memberId = command.member === null ? null : memberName(command.member);
      if (memberId !== null && world.erased.has(memberId) && !isKnown(world, memberId)) return 'refused';
      fileClaim(world, memberId);
      return 'filed';
    }
    case 'erase':
      return eraseMember(world, memberName(command.member));
    case 'resolve':
    case 'reopen': {
      const one = caseOf(world, command);
      return one === null ? 'nothing' : playOnCase(world, cast, command, one.number);
    }
    case 'approve':
    case 'reject':
    case 'remove':
    case 'restore':
    case 'reassign': {
      const attribution = currentOf(world, command.member);
      return attribution === null ? 'nothing' : playOnAttribution(world, cast, command, attribution);
    }
  }
};

/** The case that a command means. */
export const caseOf = (world: World, command: { case: number }): ModelCase | null =>
  world.cases[command.case % Math.max(1, world.cases.length)] ?? null;

/** Plays a decision about a case, which is known by its number. */
export const playOnCase = (
  world: World,
  cast: Cast,
  command: Extract<Command, { do: 'resolve' | 'reopen' }>,
  number: number,
): string => {
  const one = world.cases.find((each) => each.number === number);
  // A merge has shown it to be the double of another, and settled it.
  if (one === undefined) return command.do === 'reopen' ? 'refused' : 'alreadyResolved';
  const activeCode = (mentorId: string): string => activeCodeOf(world, mentorId) ?? '';
  if (command.do === 'reopen') return reopenCase(world, one, activeCode);
  const { by } = command;
  if (by === 'dismiss') return resolveCase(world, one, { how: 'dismiss' });
  if ('mentor' in by)
    return resolveCase(world, one, { how: 'attach', activeCode: activeCode(cast.mentorIds[by.mentor] as string) });
  const code = codeText(world, cast, by.code);
  return code === null ? 'nothing' : resolveCase(world, one, { how: 'correct_code', code });
};

/** Plays what somebody does to one attribution. */
export const playOnAttribution = (
  world: World,
  cast: Cast,
  command: Extract<Command, { do: 'approve' | 'reject' | 'remove' | 'restore' | 'reassign' }>,
  attribution: ModelAttribution,
): string => {
  if (command.do === 'approve') {
    const role = command.person === ADMINISTRATOR ? 'org_admin' : 'coordinator';
    return approve(world, attribution, cast.personIds[command.person] as string, role);
  }
  if (command.do === 'reject') return reject(attribution);
  if (command.do !== 'reassign') return setRemoved(world, attribution, command.do === 'remove');
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
  readonly cases: readonly string[];
}

export const describeAttribution = (one: {
  memberId: string | null;
  code: string;
  status: string;
  review: string;
  isRemoved: boolean;
  isSuperseded: boolean;
  flags: readonly string[];
  confirmedDay: string | null;
  /** null = not credited. */
  creditedDay: string | null;
}): string => {
  const isConfirmed = one.status === 'confirmed';
  return [
    one.memberId ?? 'nobody yet',
    one.code,
    one.status,
    // Only an open or negative review, and a mismatch, say something that the status does not.
    isConfirmed && (one.review === 'waiting' || one.review === 'rejected') ? `review ${one.review}` : '',
    isConfirmed ? `on ${one.confirmedDay}` : '',
    one.creditedDay === null ? '' : `credited ${one.creditedDay}`,
    one.isRemoved ? 'removed' : '',
    one.isSuperseded ? 'superseded' : '',
    ...one.flags.filter((flag) => isConfirmed || flag !== 'code_mismatch').toSorted(),
  ]
    .filter((word) => word !== '')
    .join(' · ');
};

export const describeCase = (one: { kind: string; memberId: string; code: string; isOpen: boolean }): string =>
  `${one.kind} · ${one.memberId} · ${one.code} · ${one.isOpen ? 'open' : 'closed'}`;

export const snapshotOfModel = (world: World): Snapshot => ({
  attributions: world.attributions
    .map((one) =>
      describeAttribution({
        memberId: one.memberId === null ? null : resolveMember(world, one.memberId),
        code: one.code,
        status: one.status,
        review: one.review,
        isRemoved: one.removed,
        isSuperseded: one.superseded,
        flags: [...one.flags],
        confirmedDay: one.confirmed?.day ?? null,
        creditedDay: isCredited(one) ? (one.credited?.day ?? 'on no day') : null,
      }),
    )
    .sort(),
  totals: Object.fromEntries([...world.mentors.keys()].sort().map((id) => [id, world.totals.get(id) ?? 0])),
  awards: [...world.awards].sort(),
  cases: world.cases.map(describeCase).sort(),
});
