import type { ListSource } from '../lists/list-source.ts';

export const badgeDefinitionSource: ListSource = {
  from: 'verve_api.badge_definitions',
  columns: [
    'id',
    'org_id as organization_id',
    'name',
    'icon_key',
    'criteria_type',
    'criteria_value',
    'description',
    'created_at',
    'updated_at',
    'archived_at',
  ],
  time: 'created_at',
  id: 'id',
};

/** Badges that mentors hold, for coordinators, administrators and keys. */
export const earnedBadgeSource: ListSource = {
  from: 'verve_api.earned_badges',
  columns: [
    'id',
    'mentor_id as peer_mentor_id',
    'badge_definition_id',
    'org_id as organization_id',
    'earned_at',
    'notification_sent',
    'awarded_by',
  ],
  time: 'earned_at',
  id: 'id',
};

/** Own badges for a mentor: days only. */
export const ownBadgeSource: ListSource = {
  from: 'verve_api.my_badges',
  columns: [
    'id',
    'mentor_id as peer_mentor_id',
    'badge_definition_id',
    'org_id as organization_id',
    'earned_day::text as earned_on',
    'notification_sent',
    'awarded_by',
  ],
  time: 'earned_day',
  id: 'id',
};

export const milestoneAwardSource: ListSource = {
  from: 'verve_api.milestone_awards',
  columns: ['id', 'org_id', 'mentor_id', 'threshold', 'reached_count', 'origin', 'awarded_at'],
  time: 'awarded_at',
  id: 'id',
};

export const ownMilestoneSource: ListSource = {
  from: 'verve_api.my_milestones',
  columns: ['id', 'org_id', 'mentor_id', 'threshold', 'reached_day::text as awarded_on'],
  time: 'reached_day',
  id: 'id',
};
