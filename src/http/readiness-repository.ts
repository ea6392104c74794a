import type { Database } from '../engine/database.ts';

/** Whether the database answers and is migrated. Never throws. */
export async function isDatabaseThere(database: Database): Promise<boolean> {
  try {
    await database.transaction({ role: 'none' }, (session) => session.query('select verve.clock()'));
    return true;
  } catch {
    return false;
  }
}
