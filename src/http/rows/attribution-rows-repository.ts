import { readCode } from '../../engine/codes/read-code.ts';
import type { ListCondition, ListSource } from '../lists/list-source.ts';

/** Attributions for coordinators, administrators and keys. */
export const attributionSource: ListSource = {
  from: 'verve_api.referral_attributions',
  columns: [
    'id',
    'org_id',
    'mentor_id',
    'code',
    'status',
    'is_credited',
    'review_state',
    'flags',
    'linked_by',
    'source_model',
    'click_channel as channel',
    'branch_id',
    'clicked_day::text as clicked_on',
    'registered_day::text as registered_on',
    'confirmed_day::text as confirmed_on',
    'credited_day::text as credited_on',
    'registered_at',
    'confirmed_at',
    'credited_at',
    'reversed_at',
    'rejected_at',
    'rejection_reason',
    'removed_at',
    'superseded_by',
    'created_at',
  ],
  time: 'created_at',
  id: 'id',
};

/** Own recruits for a mentor: days only, as of 06:00. */
export const recruitSource: ListSource = {
  from: 'verve_api.my_recruits',
  columns: [
    'id',
    'org_id',
    'mentor_id',
    'code',
    'status',
    'is_credited',
    'review_state',
    'channel',
    'clicked_day::text as clicked_on',
    'registered_day::text as registered_on',
    'confirmed_day::text as confirmed_on',
    'credited_day::text as credited_on',
  ],
  time: 'registered_day',
  id: 'id',
};

export const clickSource: ListSource = {
  from: 'verve_api.referral_clicks',
  columns: ['code', 'mentor_id', 'class', 'channel', 'platform', 'occurred_at', 'created_at'],
  time: 'created_at',
  id: ['occurred_at', 'code', 'class', 'channel', 'platform'],
};

/** Conditions of the list's filters. */
export function attributionConditions(
  query: {
    status?: string | undefined;
    mentor_id?: string | undefined;
    code?: string | undefined;
    flag?: string | undefined;
    review_state?: string | undefined;
  },
  pendingSince: Date,
  isOwn: boolean, // own recruits: the database has already told expired from pending
): ListCondition[] {
  const conditions: ListCondition[] = [];
  if (isOwn && query.status !== undefined) conditions.push({ sql: 'listed.status = ?', value: query.status });
  else if (query.status === 'expired') {
    conditions.push({ sql: `listed.status = 'pending' and listed.registered_at <= ?`, value: pendingSince });
  } else if (query.status === 'pending') {
    conditions.push({ sql: `listed.status = 'pending' and listed.registered_at > ?`, value: pendingSince });
  } else if (query.status !== undefined) conditions.push({ sql: 'listed.status = ?', value: query.status });
  if (query.mentor_id !== undefined) conditions.push({ sql: 'listed.mentor_id = ?', value: query.mentor_id });
  if (query.code !== undefined) conditions.push({ sql: 'listed.code = ?', value: readCode(query.code) ?? query.code });
  if (query.flag !== undefined && !isOwn) conditions.push({ sql: 'listed.flags @> array[?]', value: query.flag });
  if (query.review_state !== undefined) conditions.push({ sql: 'listed.review_state = ?', value: query.review_state });
  return conditions;
}
