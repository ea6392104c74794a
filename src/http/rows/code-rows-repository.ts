import type { ListSource } from '../lists/list-source.ts';

/** Codes, for lists. */
export const codeSource: ListSource = {
  from: 'verve_api.referral_codes',
  columns: [
    'id',
    'mentor_id',
    'org_id',
    'code',
    'referral_url',
    'status',
    'created_at',
    'expires_at',
    'rotated_at',
    'invalidated_at',
  ],
  time: 'created_at',
  id: 'id',
};
