import { VerveError } from '../errors.ts';

/** Every event type that can be sent, so that a filter with a slip of the pen is refused and not silently deaf. */
const SENDABLE_NOUNS: Readonly<Record<string, readonly string[]>> = {
  code: ['created', 'rotated', 'invalidated'],
  share: ['recorded'],
  registration: ['recorded'],
  recruitment: ['confirmed', 'credited', 'reversed', 'reinstated', 'reassigned', 'rejected', 'removed', 'restored'],
  review: ['requested', 'approved', 'rejected', 'withdrawn'],
  milestone: ['reached', 'revoked'],
  badge: ['awarded'],
  inbox: ['opened', 'resolved', 'waiting'],
  'referral:code': ['created', 'deactivated'],
};

const GENERAL_TYPES = ['referral:converted', 'referral:approved', 'referral:rejected'];

/** Every type an endpoint can ask for, in a steady order. */
export const SENDABLE_EVENT_TYPES: readonly string[] = [
  ...Object.entries(SENDABLE_NOUNS).flatMap(([noun, verbs]) => verbs.map((verb) => `${noun}.${verb}`)),
  ...GENERAL_TYPES,
];

/** What a badge service hears unless told otherwise: awards to make, never who was recruited. */
export const BADGE_SERVICE_EVENT_TYPES: readonly string[] = ['milestone.reached', 'milestone.revoked', 'badge.awarded'];

/**
 * Reads a filter: exact types, or `noun.*` for all of a noun; sorted, without repeats. null stays null: every type.
 *
 * @throws VerveError `invalid_request` for an unknown type or an empty list.
 */
export function requireEventFilter(eventTypes: readonly string[] | null): string[] | null {
  if (eventTypes === null) return null;
  const isKnown = (type: string) =>
    SENDABLE_EVENT_TYPES.includes(type) || (type.endsWith('.*') && type.slice(0, -2) in SENDABLE_NOUNS);
  if (eventTypes.length === 0 || !eventTypes.every(isKnown)) {
    throw new VerveError('invalid_request', 'The event filter names a type that does not exist.', {
      fields: [{ field: 'event_types', message: `must be some of ${SENDABLE_EVENT_TYPES.join(', ')}, or noun.*` }],
    });
  }
  return [...new Set(eventTypes)].sort();
}
