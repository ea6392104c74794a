import fc from 'fast-check';
import { DAY_MS, type FactKind, type Role } from './world.ts';

/**
 * One step of a random history. People and codes are given as numbers: which mentor, which of the codes made so far.
 * Times are given as how long before the present moment, from a short list, so that equal timestamps and the last
 * instant of a grace or rejoin period are common.
 */
export type Command =
  | {
      readonly do: 'fact';
      readonly kind: FactKind;
      readonly member: number | null;
      readonly code: CodeChoice;
      readonly ref: number | null;
      readonly registeredAgo: number | null;
      readonly occurredAgo: number | null;
      readonly type: 'supporter' | null;
      readonly device: string | null;
      readonly times: number;
    }
  | { readonly do: 'rotate'; readonly mentor: number }
  | { readonly do: 'invalidate'; readonly mentor: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'rules'; readonly review: 'off' | 'flagged' | 'all'; roles: readonly Role[]; velocity: number }
  | { readonly do: 'zone'; readonly timeZone: string }
  | { readonly do: 'approve' | 'reject' | 'remove' | 'restore'; readonly member: number; readonly person: number }
  | { readonly do: 'reassign'; readonly member: number; readonly mentor: number; readonly person: number }
  | { readonly do: 'relink'; readonly from: number; readonly to: number }
  | { readonly do: 'learn'; readonly mentor: number; readonly member: number }
  | { readonly do: 'claim'; readonly member: number | null }
  | { readonly do: 'resolve'; readonly case: number; readonly by: ResolveChoice; readonly person: number }
  | { readonly do: 'reopen'; readonly case: number; readonly person: number }
  | { readonly do: 'erase'; readonly member: number };

export type ResolveChoice = { readonly mentor: number } | { readonly code: CodeChoice } | 'dismiss';

/** none · the n-th code of the history · a code that nobody has · a code of another organisation. */
export type CodeChoice = { readonly made: number } | 'none' | 'unknown' | 'foreign';

export const MENTORS = 3;
/** Two coordinators and an administrator. */
export const PERSONS = 3;
/** The device with which every mentor's app asked for the code. */
export const OWN_DEVICE = 'device-of-a-mentor';
/** The member who is also the mentor with the same number. */
export const MENTOR_WHO_IS_MEMBER = 0;

const ago = fc.constantFrom(0, 0, 0, 1, 1, 60_000, DAY_MS, 30 * DAY_MS, 365 * DAY_MS - 1, 365 * DAY_MS, 366 * DAY_MS);
// Few people, so that the facts of a history meet.
const member = fc.constantFrom(1, 1, 1, 2, 2, 3, MENTOR_WHO_IS_MEMBER);
const mentor = fc.nat({ max: MENTORS - 1 });
const person = fc.nat({ max: PERSONS - 1 });

const code: fc.Arbitrary<CodeChoice> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ made: fc.nat({ max: 4 }) }) },
  { weight: 5, arbitrary: fc.constant<CodeChoice>('none') },
  { weight: 1, arbitrary: fc.constant<CodeChoice>('unknown') },
  { weight: 1, arbitrary: fc.constant<CodeChoice>('foreign') },
);

const times = fc.constantFrom(1, 1, 1, 2);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null, freq: 2 });

const registration = fc.record({
  do: fc.constant('fact' as const),
  kind: fc.constant<FactKind>('registered'),
  member: fc.option(member, { nil: null, freq: 2 }),
  code,
  ref: maybe(fc.nat({ max: 2 })),
  registeredAgo: fc.constant(null),
  occurredAgo: maybe(ago),
  type: fc.constant(null),
  device: fc.constantFrom(null, null, null, OWN_DEVICE, 'another device'),
  times,
});

const decision = fc.record({
  do: fc.constant('fact' as const),
  kind: fc.constantFrom<FactKind>('confirmed', 'confirmed', 'confirmed', 'reversed', 'reversed', 'rejected'),
  member,
  code,
  ref: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat({ max: 2 }) }),
  registeredAgo: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: ago }),
  occurredAgo: maybe(ago),
  type: fc.constantFrom(null, null, null, null, null, 'supporter' as const),
  device: fc.constant(null),
  times,
});

const advance = fc.record({
  do: fc.constant('advance' as const),
  ms: fc.constantFrom(1, 1, DAY_MS, DAY_MS, 30 * DAY_MS, 364 * DAY_MS, 365 * DAY_MS, 365 * DAY_MS + 1, 400 * DAY_MS),
});

const ending = fc.oneof(
  fc.record({ do: fc.constant('rotate' as const), mentor }),
  fc.record({ do: fc.constant('invalidate' as const), mentor }),
);
const rules = fc.record({
  do: fc.constant('rules' as const),
  review: fc.constantFrom('off' as const, 'off' as const, 'flagged' as const, 'all' as const),
  roles: fc.constantFrom<readonly Role[]>(
    ['coordinator'],
    ['coordinator'],
    ['coordinator', 'coordinator'],
    ['coordinator', 'org_admin'],
  ),
  velocity: fc.constantFrom(20, 20, 1, 2),
});
const zone = fc.record({
  do: fc.constant('zone' as const),
  timeZone: fc.constantFrom('Europe/Oslo', 'Pacific/Kiritimati', 'America/Los_Angeles'),
});
const verdict = fc.record({
  do: fc.constantFrom('approve' as const, 'approve' as const, 'reject' as const, 'remove' as const, 'restore' as const),
  member,
  person,
});
const reassign = fc.record({ do: fc.constant('reassign' as const), member, mentor, person });
const relink = fc.record({ do: fc.constant('relink' as const), from: member, to: member });
const learn = fc.record({ do: fc.constant('learn' as const), mentor, member });
const claim = fc.record({ do: fc.constant('claim' as const), member: maybe(member) });
const resolve = fc.record({
  do: fc.constant('resolve' as const),
  case: fc.nat({ max: 5 }),
  by: fc.oneof(
    { weight: 3, arbitrary: fc.record({ mentor }) },
    { weight: 1, arbitrary: fc.record({ code }) },
    { weight: 2, arbitrary: fc.constant('dismiss' as const) },
  ),
  person,
});
const reopen = fc.record({ do: fc.constant('reopen' as const), case: fc.nat({ max: 5 }), person });
const erase = fc.record({ do: fc.constant('erase' as const), member });

const anything = fc.oneof(
  { weight: 6, arbitrary: registration },
  { weight: 14, arbitrary: decision },
  { weight: 3, arbitrary: advance },
  { weight: 2, arbitrary: ending },
  { weight: 1, arbitrary: rules },
  { weight: 1, arbitrary: zone },
  { weight: 6, arbitrary: verdict },
  { weight: 2, arbitrary: reassign },
  { weight: 2, arbitrary: relink },
  { weight: 1, arbitrary: learn },
  { weight: 1, arbitrary: claim },
  { weight: 5, arbitrary: resolve },
  { weight: 2, arbitrary: reopen },
  { weight: 1, arbitrary: erase },
);

/** Random histories: rules, then mostly facts, with everything else that people or the calendar can do. */
export const histories = (options: { maxLength: number }): fc.Arbitrary<Command[]> =>
  fc
    .tuple(rules, fc.array(anything, { minLength: 1, maxLength: options.maxLength, size: 'max' }))
    .map(([first, commands]) => [first, ...commands]);
