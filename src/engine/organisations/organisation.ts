import { appsSchema } from '../links/apps.ts';
import { termsSchema } from '../words/terms.ts';
import { type Brand, brandSchema, type Profile } from './profile.ts';
import type { OrganisationRow } from './repository.ts';
import { type OrganisationSettings, readSettings } from './settings.ts';

/** An organisation with its settings, defaults filled in. */
export interface Organisation extends Profile {
  orgId: string;
  settings: OrganisationSettings;
  brand: Brand;
  logoType: string | null; // null = no logo
  createdAt: Date;
  updatedAt: Date;
  offboardedAt: Date | null; // null = it is with us
}

/** Makes an organisation of its row. What was stored and no longer fits is a fault: throws a ZodError. */
export function toOrganisation(row: OrganisationRow): Organisation {
  return {
    ...row,
    settings: readSettings(row.settings),
    terms: termsSchema.parse(row.terms),
    brand: brandSchema.parse(row.brand),
    appIds: appsSchema.parse(row.appIds),
  };
}
