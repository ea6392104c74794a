import type { AuditAction } from '../audit/actions.ts';
import { recordAction } from '../audit/record-action.ts';
import type { Session } from '../database.ts';
import { refuseMissing, refuseTaken } from '../database-faults.ts';
import { VerveError } from '../errors.ts';
import { appendEvents } from '../events/repository.ts';
import { requireUuid } from '../ids.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import { badgeAwarded } from './award.ts';
import type { BadgeEventType } from './badge-service.ts';
import * as repository from './repository.ts';

export type { BadgeDefinition, EarnedBadge } from './repository.ts';

/** What an administrator says of a badge. */
export interface BadgeSettings {
  name: string;
  criteriaValue: number;
  /** (Default: medal) */
  iconKey?: string;
  /** (Default: empty) */
  description?: string;
}

/** Badges of an organisation. Whoever belongs to it may read the definitions; only administrators change them. */
export interface Badges {
  listDefinitions(call: Call, options?: { includeArchived?: boolean }): Promise<repository.BadgeDefinition[]>;
  /** @throws VerveError `not_found` */
  getDefinition(call: Call, badgeDefinitionId: string): Promise<repository.BadgeDefinition>;
  /**
   * Makes a badge and adds its threshold to the milestones. Who is past the threshold already gets it at his next
   * milestone, or by `milestones backfill`. Not safe to repeat: the name is taken then (`already_exists`).
   */
  createDefinition(call: Call, settings: BadgeSettings): Promise<repository.BadgeDefinition>;
  /** Changes what is given; its threshold is added to the milestones. Who holds the badge keeps it. Safe to repeat. */
  updateDefinition(
    call: Call,
    badgeDefinitionId: string,
    settings: Partial<BadgeSettings>,
  ): Promise<repository.BadgeDefinition>;
  /** Takes a badge out of use. Who holds it keeps it. Safe to repeat. */
  archiveDefinition(call: Call, badgeDefinitionId: string): Promise<repository.BadgeDefinition>;
  /** Grants a badge by hand. Safe to repeat: `alreadyHeld`. Refuses a mentor or a badge of nobody here (`not_found`). */
  grant(
    call: Call,
    mentorId: string,
    badgeDefinitionId: string,
  ): Promise<{ outcome: 'granted' | 'alreadyHeld'; badge: repository.EarnedBadge }>;
  /** A page of earned badges, newest first. `nextBefore` asks for the page after it; null = this was the last. */
  listEarned(
    call: Call,
    page?: { mentorId?: string; badgeDefinitionId?: string; before?: string; limit?: number },
  ): Promise<{ badges: repository.EarnedBadge[]; nextBefore: string | null }>;
  /**
   * Tells the organisation's badge services of a mentor's newest event of that type, now, or again. Only makes rows: the
   * sender does the rest, so it delays and undoes nothing. Safe to repeat: delivery and award keep their keys.
   */
  notifyBadgeService(
    call: Call,
    mentorId: string,
    eventType: BadgeEventType,
  ): Promise<{ outcome: 'queued'; deliveries: number } | { outcome: 'nothingToTell' }>;
  /** Whether a mentor holds a badge. */
  exists(
    call: Call,
    mentorId: string,
    badgeDefinitionId: string,
  ): Promise<{ exists: boolean; earnedBadgeId: string | null }>;
}

/** Wires the badges. */
export function createBadges(parts: EngineParts): Badges {
  const asReader = <Result>(call: Call, work: (session: Session) => Promise<Result>) => {
    requireMay(call.actor, 'badge.read');
    return inOrganisation(parts, call, work);
  };
  const asAdmin = <Result>(call: Call, work: (session: Session) => Promise<Result>) => {
    requireMay(call.actor, 'badge.manage');
    return inOrganisation(parts, call, work);
  };

  async function save(session: Session, definition: repository.DefinitionRow): Promise<repository.BadgeDefinition> {
    const write = repository.saveDefinition(session, requireDefinition(definition));
    return refuseTaken('badge_definitions_name_is_unique', 'The organisation has a badge of that name.', write);
  }

  return {
    listDefinitions: async (call, { includeArchived = false } = {}) =>
      asReader(call, (session) => repository.listDefinitions(session, includeArchived)),
    getDefinition: async (call, badgeDefinitionId) =>
      asReader(call, (session) => requireFound(session, badgeDefinitionId)),

    createDefinition: async (call, { name, criteriaValue, iconKey = 'medal', description = '' }) =>
      asAdmin(call, async (session) => {
        const badgeDefinitionId = parts.random.uuid();
        const made = await save(session, { badgeDefinitionId, name, iconKey, criteriaValue, description });
        await record(session, call, 'badge.create', badgeDefinitionId, { threshold: criteriaValue });
        return made;
      }),

    updateDefinition: async (call, badgeDefinitionId, settings) =>
      asAdmin(call, async (session) => {
        const before = await requireFound(session, badgeDefinitionId);
        const given = withoutUndefined(settings);
        const changed = await save(session, { ...before, ...given });
        await record(session, call, 'badge.change', before.badgeDefinitionId, { fields: Object.keys(given).sort() });
        return changed;
      }),

    archiveDefinition: async (call, badgeDefinitionId) =>
      asAdmin(call, async (session) => {
        const { badgeDefinitionId: id } = await requireFound(session, badgeDefinitionId);
        const archived = (await repository.archiveDefinition(session, id)) as repository.BadgeDefinition;
        await record(session, call, 'badge.archive', id);
        return archived;
      }),

    grant: async (call, mentorId, badgeDefinitionId) =>
      asAdmin(call, async (session) => {
        const mentor = requireUuid(mentorId, 'mentor_id');
        const definition = await requireFound(session, badgeDefinitionId);
        const write = repository.awardByHand(session, mentor, definition.badgeDefinitionId);
        const badge = await refuseMissing(
          'earned_badges_mentor_in_same_organisation',
          'There is no such mentor.',
          write,
        );
        if (badge === null) {
          const held = await repository.findEarned(session, mentor, definition.badgeDefinitionId);
          return { outcome: 'alreadyHeld', badge: held as repository.EarnedBadge };
        }
        const { earnedBadgeId } = badge;
        const awarded = { ...definition, mentorId: mentor, earnedBadgeId, threshold: definition.criteriaValue };
        await appendEvents(session, [badgeAwarded(session.orgId, awarded)]);
        await record(session, call, 'badge.grant', definition.badgeDefinitionId, { mentor_id: mentor });
        return { outcome: 'granted', badge };
      }),

    listEarned: async (call, { mentorId, badgeDefinitionId, before, limit = 50 } = {}) =>
      asReader(call, async (session) => {
        const size = Math.min(Math.max(1, Math.trunc(limit)), 200);
        const badges = await repository.listEarned(session, {
          mentorId: optionalUuid(mentorId, 'mentor_id'),
          badgeDefinitionId: optionalUuid(badgeDefinitionId, 'badge_definition_id'),
          before: optionalUuid(before, 'before'),
          limit: size + 1,
        });
        const page = badges.slice(0, size);
        return { badges: page, nextBefore: badges.length > size ? (page.at(-1)?.earnedBadgeId ?? null) : null };
      }),

    notifyBadgeService: async (call, mentorId, eventType) =>
      asAdmin(call, async (session) => {
        const subject = requireUuid(mentorId, 'mentor_id');
        const deliveries = await repository.queueNotice(session, subject, eventType);
        if (deliveries === 0) return { outcome: 'nothingToTell' };
        await record(session, call, 'badge.notify', subject, { event_type: eventType });
        return { outcome: 'queued', deliveries };
      }),

    exists: async (call, mentorId, badgeDefinitionId) =>
      asReader(call, async (session) => {
        const definition = requireUuid(badgeDefinitionId, 'badge_definition_id');
        const held = await repository.findEarned(session, requireUuid(mentorId, 'mentor_id'), definition);
        return { exists: held !== null, earnedBadgeId: held?.earnedBadgeId ?? null };
      }),
  };
}

function record(
  session: Session,
  { actor }: Call,
  action: AuditAction,
  subjectId: string,
  details: Record<string, unknown> = {},
): Promise<string> {
  return recordAction(session, { actor, action, subjectId, details });
}

async function requireFound(session: Session, badgeDefinitionId: string): Promise<repository.BadgeDefinition> {
  const found = await repository.findDefinition(session, requireUuid(badgeDefinitionId, 'badge_definition_id'));
  if (found === null) throw new VerveError('not_found');
  return found;
}

function requireDefinition(definition: repository.DefinitionRow): repository.DefinitionRow {
  const name = definition.name.trim();
  const fields = [
    ...(name.length >= 1 && name.length <= 100 ? [] : [{ field: 'name', message: 'must have 1 to 100 characters' }]),
    ...(/^[a-z0-9_-]{1,64}$/.test(definition.iconKey) ? [] : [{ field: 'icon_key', message: 'must be a short key' }]),
    ...(Number.isInteger(definition.criteriaValue) &&
    definition.criteriaValue >= 1 &&
    definition.criteriaValue <= 100_000
      ? []
      : [{ field: 'criteria_value', message: 'must be a whole number from 1 to 100000' }]),
    ...(definition.description.length <= 500
      ? []
      : [{ field: 'description', message: 'must have at most 500 characters' }]),
  ];
  if (fields.length > 0) throw new VerveError('invalid_request', 'The badge is not acceptable.', { fields });
  return { ...definition, name };
}

function optionalUuid(value: string | undefined, field: string): string | null {
  return value === undefined ? null : requireUuid(value, field);
}

function withoutUndefined(settings: Partial<BadgeSettings>): Partial<BadgeSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
