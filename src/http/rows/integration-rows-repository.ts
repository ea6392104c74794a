import type { ListSource } from '../lists/list-source.ts';

/** Receivers of events. */
export const endpointSource: ListSource = {
  from: 'verve_api.webhook_endpoints',
  columns: [
    'id',
    'kind',
    'url',
    'description',
    'event_types',
    'status',
    'disabled_reason',
    'disabled_at',
    'paused_until',
    'failing_since',
    'previous_secret_until',
    'created_at',
    'updated_at',
  ],
  time: 'created_at',
  id: 'id',
};

/** Runs against the membership system. */
export const reconciliationSource: ListSource = {
  from: 'verve_api.reconciliation_runs',
  columns: [
    'id',
    'trigger',
    'status',
    'since',
    'started_at',
    'finished_at',
    'seen',
    'matched',
    'credited',
    'already_known',
    'to_inbox',
    'failed',
    'error_code',
    'error_detail',
  ],
  time: 'started_at',
  id: 'id',
};

/** Files that are worked through in the background, in the engine's names. Of the table itself: needs an engine session. */
export const importSource: ListSource = {
  from: 'verve.imports',
  columns: [
    'id as "importId"',
    'status',
    'is_preview as "isPreview"',
    'created_at as "createdAt"',
    'started_at as "startedAt"',
    'finished_at as "finishedAt"',
    'lines_done as "linesDone"',
    'total_lines as "totalLines"',
    'report',
    'error_code as "errorCode"',
    'error_detail as "errorDetail"',
  ],
  time: 'created_at',
  id: 'id',
};

/** The caller's organisations: a person's, or the key's one. */
export const organisationSource: ListSource = {
  from: 'verve_api.organisations',
  columns: ['id', 'slug', 'name'],
  time: 'created_at',
  id: 'id',
  isOfCaller: true,
};
