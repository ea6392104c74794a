import type { Session } from '../database.ts';

/** An organisation's recognition for a number of credited recruits. */
export interface BadgeDefinition {
  badgeDefinitionId: string;
  organizationId: string;
  name: string;
  iconKey: string;
  criteriaType: 'recruiting_milestone';
  criteriaValue: number;
  description: string;
  createdAt: Date;
  updatedAt: Date;
  archivedAt: Date | null; // null = in use
}

/** A badge that one mentor holds, for good. */
export interface EarnedBadge {
  earnedBadgeId: string;
  mentorId: string;
  badgeDefinitionId: string;
  organizationId: string;
  earnedAt: Date;
  /** Whether a badge service has acknowledged it. */
  notificationSent: boolean;
  awardedBy: 'system' | 'admin';
}

const definitionColumns = `id as "badgeDefinitionId", org_id as "organizationId", name, icon_key as "iconKey",
  criteria_type as "criteriaType", criteria_value as "criteriaValue", description, created_at as "createdAt",
  updated_at as "updatedAt", archived_at as "archivedAt"`;
const earnedColumns = `id as "earnedBadgeId", mentor_id as "mentorId", badge_definition_id as "badgeDefinitionId",
  org_id as "organizationId", earned_at as "earnedAt", notification_sent as "notificationSent", awarded_by as "awardedBy"`;

/** The definitions in use, lowest threshold first; with `includeArchived` also the others. */
export function listDefinitions(session: Session, includeArchived: boolean): Promise<BadgeDefinition[]> {
  return session.query<BadgeDefinition>(
    `select ${definitionColumns} from verve.badge_definitions where org_id = $1 and ($2 or archived_at is null)
     order by criteria_value, created_at, id`,
    [session.orgId, includeArchived],
  );
}

/** One definition, or null. */
export async function findDefinition(session: Session, badgeDefinitionId: string): Promise<BadgeDefinition | null> {
  const rows = await session.query<BadgeDefinition>(
    `select ${definitionColumns} from verve.badge_definitions where org_id = $1 and id = $2`,
    [session.orgId, badgeDefinitionId],
  );
  return rows[0] ?? null;
}

/** What is written of a definition. */
export interface DefinitionRow {
  badgeDefinitionId: string;
  name: string;
  iconKey: string;
  criteriaValue: number;
  description: string;
}

/**
 * Stores a definition; one that is there already (by id) is changed. Its threshold is added to the milestones in the
 * same statement. A name that is taken is refused by its constraint.
 */
export async function saveDefinition(session: Session, definition: DefinitionRow): Promise<BadgeDefinition> {
  const rows = await session.query<BadgeDefinition>(
    `with threshold as (
       insert into verve.milestones (org_id, threshold) values ($1, $5) on conflict do nothing
     )
     insert into verve.badge_definitions (id, org_id, name, icon_key, criteria_value, description)
     values ($2, $1, $3, $4, $5, $6)
     on conflict (org_id, id) do update set name = excluded.name, icon_key = excluded.icon_key,
       criteria_value = excluded.criteria_value, description = excluded.description, updated_at = verve.clock()
     returning ${definitionColumns}`,
    [
      session.orgId,
      definition.badgeDefinitionId,
      definition.name,
      definition.iconKey,
      definition.criteriaValue,
      definition.description,
    ],
  );
  return rows[0] as BadgeDefinition;
}

/** Stores definitions that are not there yet, and leaves those that are as they are. Safe to repeat. */
export async function seedDefinitions(session: Session, definitions: readonly DefinitionRow[]): Promise<void> {
  await session.query(
    `insert into verve.badge_definitions (id, org_id, name, icon_key, criteria_value, description)
     select seed."badgeDefinitionId", $1, seed.name, seed."iconKey", seed."criteriaValue", seed.description
     from jsonb_to_recordset($2::jsonb)
       as seed ("badgeDefinitionId" uuid, name text, "iconKey" text, "criteriaValue" int, description text)
     on conflict do nothing`,
    [session.orgId, JSON.stringify(definitions)],
  );
}

/** Takes a definition out of use; who holds the badge keeps it. Safe to repeat. */
export async function archiveDefinition(session: Session, badgeDefinitionId: string): Promise<BadgeDefinition | null> {
  const rows = await session.query<BadgeDefinition>(
    `update verve.badge_definitions set archived_at = coalesce(archived_at, verve.clock()), updated_at = verve.clock()
     where org_id = $1 and id = $2 returning ${definitionColumns}`,
    [session.orgId, badgeDefinitionId],
  );
  return rows[0] ?? null;
}

/** A badge that was awarded just now. */
export interface AwardedRow {
  earnedBadgeId: string;
  mentorId: string;
  badgeDefinitionId: string;
  threshold: number;
}

/** Awards each mentor every definition in use that his count reaches and he does not hold. One statement; safe to repeat. */
export function awardReached(
  session: Session,
  reached: readonly { mentorId: string; count: number }[],
): Promise<AwardedRow[]> {
  return session.query<AwardedRow>(
    `with awarded as (
       insert into verve.earned_badges (org_id, mentor_id, badge_definition_id)
       select $1, reached."mentorId", badge_definitions.id
       from jsonb_to_recordset($2::jsonb) as reached ("mentorId" uuid, count int)
       join verve.badge_definitions on badge_definitions.org_id = $1 and badge_definitions.criteria_value <= reached.count
         and badge_definitions.archived_at is null
       order by reached."mentorId", badge_definitions.criteria_value, badge_definitions.id
       on conflict on constraint earned_badges_once_per_mentor do nothing
       returning id, mentor_id, badge_definition_id
     )
     select awarded.id as "earnedBadgeId", awarded.mentor_id as "mentorId", awarded.badge_definition_id as "badgeDefinitionId",
       badge_definitions.criteria_value as threshold
     from awarded
     join verve.badge_definitions on badge_definitions.org_id = $1 and badge_definitions.id = awarded.badge_definition_id
     order by awarded.mentor_id, badge_definitions.criteria_value, badge_definitions.id`,
    [session.orgId, JSON.stringify(reached)],
    'badges_award_reached',
  );
}

/** Grants one badge by hand; null when the mentor holds it already. */
export async function awardByHand(
  session: Session,
  mentorId: string,
  badgeDefinitionId: string,
): Promise<EarnedBadge | null> {
  const rows = await session.query<EarnedBadge>(
    `insert into verve.earned_badges (org_id, mentor_id, badge_definition_id, awarded_by) values ($1, $2, $3, 'admin')
     on conflict on constraint earned_badges_once_per_mentor do nothing returning ${earnedColumns}`,
    [session.orgId, mentorId, badgeDefinitionId],
  );
  return rows[0] ?? null;
}

/** A page of earned badges, newest first; of one mentor, of one definition, or of the organisation. */
export function listEarned(
  session: Session,
  page: {
    mentorId: string | null; // null = of every mentor
    badgeDefinitionId: string | null; // null = of every definition
    before: string | null; // null = from the newest
    limit: number;
  },
): Promise<EarnedBadge[]> {
  return session.query<EarnedBadge>(
    `select ${earnedColumns} from verve.earned_badges
     where org_id = $1 and ($2::uuid is null or mentor_id = $2) and ($3::uuid is null or badge_definition_id = $3)
       and ($4::uuid is null or (earned_at, id) < (
         select place.earned_at, place.id from verve.earned_badges as place where place.org_id = $1 and place.id = $4))
     order by earned_at desc, id desc limit $5`,
    [session.orgId, page.mentorId, page.badgeDefinitionId, page.before, page.limit],
  );
}

/** The badge of that definition which the mentor holds, or null. */
export async function findEarned(
  session: Session,
  mentorId: string,
  badgeDefinitionId: string,
): Promise<EarnedBadge | null> {
  const rows = await session.query<EarnedBadge>(
    `select ${earnedColumns} from verve.earned_badges where org_id = $1 and mentor_id = $2 and badge_definition_id = $3`,
    [session.orgId, mentorId, badgeDefinitionId],
  );
  return rows[0] ?? null;
}

/**
 * Marks the badges that these deliveries told a badge service of: the badge itself, or the milestone with its
 * threshold. Safe to repeat.
 */
export async function acknowledgeEarned(session: Session, deliveryIds: readonly string[]): Promise<void> {
  await session.query(
    `update verve.earned_badges set notification_sent = true
     from verve.webhook_deliveries
     join verve.referral_events on referral_events.org_id = $1 and referral_events.id = webhook_deliveries.event_id
     join verve.badge_definitions on badge_definitions.org_id = $1 and (
       (referral_events.type = 'badge.awarded' and badge_definitions.id = (referral_events.data ->> 'badge_definition_id')::uuid)
       or (referral_events.type = 'milestone.reached' and badge_definitions.criteria_value = (referral_events.data ->> 'threshold')::int))
     where webhook_deliveries.org_id = $1 and webhook_deliveries.id = any ($2::uuid[])
       and earned_badges.org_id = $1 and earned_badges.mentor_id = referral_events.mentor_id
       and earned_badges.badge_definition_id = badge_definitions.id and not earned_badges.notification_sent`,
    [session.orgId, deliveryIds],
  );
}

/**
 * Sends the mentor's newest event of that type to the badge services (again): makes the delivery or begins it again,
 * with the same id. Gives how many are due now.
 */
export async function queueNotice(session: Session, mentorId: string, eventType: string): Promise<number> {
  const rows = await session.query<{ count: number }>(
    `with newest as (
       select id from verve.referral_events where org_id = $1 and mentor_id = $2 and type = $3 order by seq desc limit 1
     ), queued as (
       insert into verve.webhook_deliveries (org_id, endpoint_id, event_id)
       select $1, webhook_endpoints.id, newest.id from newest
       join verve.webhook_endpoints on webhook_endpoints.org_id = $1 and webhook_endpoints.kind = 'badge_service'
         and webhook_endpoints.status = 'enabled'
       on conflict (org_id, endpoint_id, event_id) do update set status = 'pending', attempts = 0, due_at = verve.clock(),
         claim = null, delivered_at = null, parked_at = null
       returning 1
     )
     select count(*)::int as count from queued`,
    [session.orgId, mentorId, eventType],
  );
  return rows[0]?.count ?? 0;
}
