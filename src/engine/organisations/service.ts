import { z } from 'zod';
import type { Actor } from '../actor.ts';
import { recordAction } from '../audit/record-action.ts';
import { seedBadges } from '../badges/seed-definitions.ts';
import { type Logo, requireLogo } from '../brand/logo.ts';
import type { Session } from '../database.ts';
import { refuseTaken } from '../database-faults.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import { readInput } from '../input.ts';
import { addThresholds, DEFAULT_THRESHOLDS } from '../milestones/thresholds.ts';
import type { Position } from '../paging.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import { makeLatest } from './latest.ts';
import { type Organisation, toOrganisation } from './organisation.ts';
import { brandSchema, joinTemplateFault, profileSchema } from './profile.ts';
import {
  findLogo,
  findOrganisation,
  findOrganisationIdByHost,
  findOrganisationIdBySlug,
  insertOrganisation,
  listOrganisationIds,
  lockOrganisation,
  updateLogo,
  updateOrganisation,
} from './repository.ts';
import { sealSecret } from './seal-secret.ts';
import { insertSecret } from './secrets-repository.ts';
import { changeSettings, type SettingsChange } from './settings.ts';

const newOrganisation = z.strictObject({
  slug: profileSchema.shape.slug,
  name: profileSchema.shape.name,
  locale: profileSchema.shape.locale.default('nb'),
  timeZone: profileSchema.shape.timeZone.default('Europe/Oslo'),
});

/** Changes to an organisation; what is left out stays. `brand` is changed key by key, lists and terms as a whole. */
const organisationChange = profileSchema.partial().extend({
  brand: brandSchema.partial().optional(),
  settings: z.record(z.string(), z.unknown()).optional(),
});
export type OrganisationChange = Omit<z.input<typeof organisationChange>, 'settings'> & {
  settings?: SettingsChange | undefined;
};

export type OrganisationsService = ReturnType<typeof createOrganisations>;

/** Organisations: the tenants, their profile, words, brand and settings. */
export function createOrganisations(parts: EngineParts) {
  const latest = makeLatest<Organisation | null>(async (orgId) =>
    parts.database.transaction({ role: 'verve_engine', orgId }, async (session) => {
      const row = await findOrganisation(session);
      return row === null ? null : toOrganisation(row);
    }),
  );

  return {
    /**
     * Makes an organisation with its first code secret, milestones and badges. Only the installation itself may. Not safe
     * to repeat: a taken slug is refused with `already_exists`. A host may give the id and the code secret (at least 15
     * bytes).
     */
    async create(
      input: Pick<Call, 'actor'> &
        z.input<typeof newOrganisation> & { orgId?: string; codeSecret?: Uint8Array<ArrayBuffer> },
    ): Promise<Organisation> {
      const { actor, orgId: wanted, codeSecret, ...rest } = input;
      requireMay(actor, 'organisation.create');
      const values = readInput(newOrganisation, rest);
      const orgId = wanted === undefined ? parts.random.uuid() : requireUuid(wanted, 'org_id');
      const secret = codeSecret ?? parts.random.bytes(32);
      if (secret.length < 15) throw new VerveError('invalid_request', 'A code secret has at least 15 bytes.');
      const sealed = await sealSecret(parts.keyRing, { orgId, purpose: 'code', version: 1 }, secret);
      const row = await parts.database.transaction({ role: 'verve_engine', orgId }, async (session) => {
        if (!(await insertOrganisation(session, values))) {
          throw new VerveError('already_exists', 'An organisation with this slug or id exists.');
        }
        await insertSecret(session, { purpose: 'code', version: 1, sealed });
        await addThresholds(session, DEFAULT_THRESHOLDS);
        await seedBadges(session, values.locale);
        await recordAction(session, { actor, action: 'organisation.create', subjectId: orgId });
        return findOrganisation(session);
      });
      if (row === null) throw new VerveError('not_found');
      return toOrganisation(row);
    },

    /** An organisation as it is now. Refuses with `not_found`. */
    async get(call: Call): Promise<Organisation> {
      requireMay(call.actor, 'organisation.read');
      return inOrganisation(parts, call, async (session) => {
        const row = await findOrganisation(session);
        if (row === null) throw new VerveError('not_found');
        return toOrganisation(row);
      });
    },

    /** The organisation as it was at most 5 seconds ago, for hot paths; null = there is none. Asks nobody's leave. */
    recent(orgId: string): Promise<Organisation | null> {
      return latest.get(requireUuid(orgId, 'org_id'));
    },

    /** Reads what {@link recent} remembers anew. True = it had been changed since, for instance by another server. */
    async refresh(orgId: string): Promise<boolean> {
      const id = requireUuid(orgId, 'org_id');
      const before = await latest.get(id);
      latest.forget(id);
      const after = await latest.get(id);
      return before?.updatedAt.getTime() !== after?.updatedAt.getTime();
    },

    /**
     * Changes profile, words, brand or settings; only what is given. Safe to repeat. Refuses unknown keys, a join page
     * outside the link domains and a taken slug. Concurrent changes of different keys are both kept; who gives the
     * `expectedUpdatedAt` that was read is refused with `changed_meanwhile` where anything has changed since.
     *
     * @param call.replacesSections A section of the settings that is given stands for the whole section. (Default: false)
     */
    async update(
      call: Call & { change: OrganisationChange; expectedUpdatedAt?: Date; replacesSections?: boolean },
    ): Promise<Organisation> {
      requireMay(call.actor, 'organisation.change');
      const { expectedUpdatedAt, replacesSections = false } = call;
      const { settings, brand, ...profile } = readInput(organisationChange, call.change);
      const changed = await inOrganisation(parts, call, async (session) => {
        const row = await lockOrganisation(session);
        if (row === null) throw new VerveError('not_found');
        if (expectedUpdatedAt !== undefined && row.updatedAt.getTime() !== expectedUpdatedAt.getTime()) {
          throw new VerveError('changed_meanwhile');
        }
        const next = {
          ...row,
          ...withoutUndefined(profile),
          brand: { ...brandSchema.parse(row.brand), ...brand },
          settings:
            settings === undefined ? row.settings : changeSettings(row.settings, settings, { replacesSections }),
        };
        const fault = joinTemplateFault(next);
        if (fault !== null) {
          throw new VerveError('invalid_request', 'The join page address was refused.', {
            fields: [{ field: 'join_url_template', message: fault }],
          });
        }
        const write = updateOrganisation(session, next);
        const detail = 'An organisation with this slug exists.';
        const after = await refuseTaken('organisations_slug_is_unique', detail, write);
        const fields = Object.keys(withoutUndefined(call.change)).sort();
        await recordChange(session, call.actor, { fields, ...(settings === undefined ? {} : { settings }) });
        return toOrganisation(after);
      });
      latest.forget(changed.orgId);
      return changed;
    },

    /** Stores the logo (PNG, SVG, WebP or JPEG, at most 200 kB) or, with null, takes it away. Safe to repeat. */
    async setLogo(call: Call & { logo: Logo | null }): Promise<void> {
      requireMay(call.actor, 'organisation.change');
      const { logo } = call;
      if (logo !== null) requireLogo(logo);
      await inOrganisation(parts, call, async (session) => {
        await updateLogo(session, logo);
        await recordChange(session, call.actor, { fields: ['logo'] });
      });
      latest.forget(call.orgId.toLowerCase());
    },

    /** The logo's bytes and media type, or null = none. Anybody may see it. */
    getLogo(call: Pick<Call, 'orgId'>): Promise<Logo | null> {
      return inOrganisation(parts, call, findLogo);
    },

    /** The id of the organisation with this slug, or null. Tells nothing else. */
    findIdBySlug(slug: string): Promise<string | null> {
      return parts.database.transaction({ role: 'none' }, (session) => findOrganisationIdBySlug(session, slug));
    },

    /** The id of the only organisation that lists this link host, or null. */
    findIdByHost(host: string): Promise<string | null> {
      return parts.database.transaction({ role: 'none' }, (session) => findOrganisationIdByHost(session, host));
    },

    /** The ids of the organisations that have not left, newest first: all, for work that goes through them, or a page. */
    listIds(page: { after: Position | null; limit: number } | null = null): Promise<string[]> {
      return parts.database.transaction({ role: 'none' }, (session) => listOrganisationIds(session, page));
    },
  };
}

function recordChange(session: Session, actor: Actor, details: { fields: string[]; settings?: unknown }) {
  return recordAction(session, { actor, action: 'organisation.change', subjectId: session.orgId, details });
}

function withoutUndefined(given: object) {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
