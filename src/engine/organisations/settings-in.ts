import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { findOrganisation } from './repository.ts';
import { type OrganisationSettings, readSettings } from './settings.ts';

/** The settings of the session's organisation, in its transaction. Refuses with `not_found` where there is none. */
export async function settingsIn(session: Session): Promise<OrganisationSettings> {
  const row = await findOrganisation(session);
  if (row === null) throw new VerveError('not_found');
  return readSettings(row.settings);
}
