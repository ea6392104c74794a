import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import { countByDay, type FailedMessage, listFailed, type MessageDay } from './log-repository.ts';

/** What came in of late: for those who look after an organisation's connections. */
export interface InboundLog {
  days: MessageDay[];
  failed: FailedMessage[];
}

const daysShown = 14;
const failedShown = 20;

/** Reads what came in during the last 14 days, by day, and the newest deliveries that could not be understood. */
export async function readInboundLog(parts: EngineParts, call: Call): Promise<InboundLog> {
  requireMay(call.actor, 'integration.read');
  return inOrganisation(parts, call, async (session) => ({
    days: await countByDay(session, daysShown),
    failed: await listFailed(session, failedShown),
  }));
}
