import type { Pool } from 'pg';
import { openDatabase } from '../../engine/database.ts';
import { readInstallationHealth } from '../../engine/health/service.ts';
import { found, type Problem, problem } from './problem.ts';

/** Deliveries and messages later than this mean that no server is at work. */
const LATE_SECONDS = 120;

/** What is stuck in the work of the servers. Reads only. */
export async function checkWork(pool: Pool): Promise<Problem[]> {
  const health = await openDatabase({ pool }).transaction({ role: 'none' }, readInstallationHealth);
  return found([
    health.deliveryLatenessSeconds > LATE_SECONDS &&
      problem(
        'nobody_at_work',
        `${health.dueDeliveries} webhook deliveries are due, the oldest for ${minutes(health.deliveryLatenessSeconds)}.`,
        'Is a server running? Start one: "verve serve".',
      ),
    health.messageAgeSeconds > LATE_SECONDS &&
      problem(
        'nobody_at_work',
        `${health.unprocessedMessages} received messages are not understood, the oldest for ${minutes(health.messageAgeSeconds)}.`,
        'Is a server running? Start one: "verve serve".',
      ),
    health.parkedDeliveries > 0 &&
      problem(
        'deliveries_parked',
        `${health.parkedDeliveries} webhook deliveries are parked.`,
        'Mend the receiver, then replay them from the endpoint’s log (POST /api/v1/webhook-endpoints/{id}/replay).',
      ),
    health.goneEndpoints > 0 &&
      problem(
        'endpoint_gone',
        `${health.goneEndpoints} endpoints are disabled because the receiver answered 410.`,
        'Enable them or delete them (PATCH or DELETE /api/v1/webhook-endpoints/{id}).',
      ),
    health.failingEndpoints > 0 &&
      problem(
        'endpoint_failing',
        `${health.failingEndpoints} endpoints fail just now.`,
        'Look at the endpoint’s log (GET /api/v1/webhook-endpoints/{id}/deliveries).',
      ),
  ]);
}

function minutes(seconds: number): string {
  return `${Math.round(seconds / 60)} minutes`;
}
