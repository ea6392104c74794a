import type { ListSource } from '../lists/list-source.ts';

/** Claims for coordinators, administrators and keys. */
export const claimSource: ListSource = {
  from: 'verve_api.claims',
  columns: [
    'id',
    'mentor_id',
    'claimant',
    'met_on::text as met_on',
    'channel',
    'status',
    'decision_reason',
    'attribution_id',
    'filed_at',
    'decided_at',
    'filed_by',
    'decided_by',
  ],
  time: 'filed_at',
  id: 'id',
};

/** Own claims for a mentor: days only. */
export const ownClaimSource: ListSource = {
  from: 'verve_api.my_claims',
  columns: [
    'id',
    'mentor_id',
    'met_on::text as met_on',
    'channel',
    'status',
    'filed_day::text as filed_on',
    'decided_day::text as decided_on',
  ],
  time: 'filed_day',
  id: 'id',
};

/** Cases of the inbox. */
export const inboxSource: ListSource = {
  from: 'verve_api.inbox_items',
  columns: [
    'id',
    'org_id',
    'kind',
    'status',
    'claim_id',
    'code',
    'mentor_id',
    'attribution_id',
    'details',
    'opened_at',
    'resolved_at',
    'resolution',
    'resolution_reason',
    'resolved_by',
  ],
  time: 'opened_at',
  id: 'id',
};
