import type { ListSource } from '../lists/list-source.ts';

export const mentorSource: ListSource = {
  from: 'verve_api.mentors',
  columns: [
    'id',
    'org_id',
    'display_name',
    'branch_id',
    'status',
    'leaderboard_opt_in as is_on_leaderboard',
    'created_at',
    'updated_at',
    'left_at',
  ],
  time: 'created_at',
  id: 'id',
};

export const branchSource: ListSource = {
  from: 'verve_api.branches',
  columns: ['id', 'org_id', 'parent_id', 'name', 'kind', 'created_at'],
  time: 'created_at',
  id: 'id',
};

export const roleSource: ListSource = {
  from: 'verve_api.roles',
  columns: ['id', 'user_id', 'role', 'branch_id', 'created_at'],
  time: 'created_at',
  id: 'id',
};

export const apiKeySource: ListSource = {
  from: 'verve_api.api_keys',
  columns: ['id', 'name', 'prefix', 'scopes', 'created_at', 'expires_at', 'last_used_at', 'revoked_at'],
  time: 'created_at',
  id: 'id',
};

export const auditSource: ListSource = {
  from: 'verve_api.audit_log',
  columns: ['id', 'actor', 'action', 'subject_type', 'subject_id', 'occurred_at', 'payload', 'is_sealed'],
  time: 'occurred_at',
  id: 'id',
};

export const shareSource: ListSource = {
  from: 'verve_api.shares',
  columns: ['id', 'code_id', 'mentor_id', 'channel', 'shared_at', 'day::text as day', 'created_at'],
  time: 'created_at',
  id: 'id',
};
