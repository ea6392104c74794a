import type { ListSource } from '../lists/list-source.ts';

/** The delivery log. */
export const deliverySource: ListSource = {
  from: 'verve_api.webhook_deliveries',
  columns: [
    'id',
    'endpoint_id',
    'event_id',
    'event_type',
    'status',
    'attempts',
    'due_at',
    'last_tried_at',
    'last_status',
    'last_failure',
    'last_duration_ms',
    'delivered_at',
    'parked_at',
    'created_at',
  ],
  time: 'created_at',
  id: 'id',
};
