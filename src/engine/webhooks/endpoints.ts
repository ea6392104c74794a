import { type Actor, describeActor } from '../actor.ts';
import type { Database, Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import { reviewAlarms } from './alarm.ts';
import { requireEndpointUrl } from './endpoint-url.ts';
import * as repository from './endpoints-repository.ts';
import { BADGE_SERVICE_EVENT_TYPES, requireEventFilter } from './event-filter.ts';
import { createSecret } from './sign.ts';

/** How long the secret before a rotation signs too: a day, for the receiver to put in the new one. */
export const DEFAULT_OVERLAP_HOURS = 24;
const LONGEST_OVERLAP_HOURS = 24 * 7;
const MOST_ENDPOINTS = 20;
const LONGEST_DESCRIPTION = 200;

/** An endpoint as people see it: no secret. */
export type Endpoint = repository.EndpointRow;

/** What an administrator says of an endpoint. */
export interface EndpointSettings {
  url: string;
  /** (Default: empty) */
  description?: string;
  /** Types it hears; null = every type. (Default: every type; for a badge service, milestones and badges) */
  eventTypes?: readonly string[] | null;
}

/** The endpoints of an organisation. Callers have been authorised as administrators. */
export interface WebhookEndpoints {
  list(orgId: string): Promise<Endpoint[]>;
  /** @throws VerveError `not_found` */
  get(orgId: string, endpointId: string): Promise<Endpoint>;
  /** Makes an endpoint. Its secret is in the answer and nowhere else, ever. Not safe to repeat. */
  create(
    orgId: string,
    actor: Actor,
    settings: EndpointSettings & { kind?: repository.EndpointKind },
  ): Promise<{ endpoint: Endpoint; secret: string }>;
  /** Changes what is given. A new address starts without pause or failure. Safe to repeat. */
  update(orgId: string, endpointId: string, settings: Partial<EndpointSettings>): Promise<Endpoint>;
  /**
   * Gives a new secret, shown once; the old one signs beside it for `overlapHours` (default 24, 0 to 168; 0 when it
   * has leaked). Not safe to repeat.
   */
  rotateSecret(
    orgId: string,
    endpointId: string,
    options?: { overlapHours?: number },
  ): Promise<{ endpoint: Endpoint; secret: string }>;
  /** Enables an endpoint; what waited for it is sent. Safe to repeat. */
  enable(orgId: string, endpointId: string): Promise<Endpoint>;
  /** Disables an endpoint: no new deliveries are made, and what waits stays. Safe to repeat. */
  disable(orgId: string, endpointId: string): Promise<Endpoint>;
  /** Ends an endpoint for good: forgets address and secrets, cancels what waited. The log of what was sent stays. */
  remove(orgId: string, endpointId: string): Promise<void>;
}

/** Wires the endpoints. `allowLoopback` is for development and tests. (Default: false) */
export function createWebhookEndpoints(options: {
  database: Database;
  keyRing: KeyRing;
  allowLoopback?: boolean;
}): WebhookEndpoints {
  const { database, keyRing } = options;
  const within = <Result>(orgId: string, work: (session: Session) => Promise<Result>) =>
    database.transaction({ role: 'verve_engine', orgId: requireUuid(orgId, 'organisation_id') }, work);
  const urlOptions = { allowLoopback: options.allowLoopback === true };

  async function makeSecret(orgId: string, endpointId: string) {
    const secret = createSecret();
    return { secret, sealedSecret: await keyRing.sealText(secretPlace(orgId, endpointId), secret) };
  }

  return {
    list: (orgId) => within(orgId, repository.listEndpoints),
    get: (orgId, endpointId) => within(orgId, (session) => requireEndpoint(session, endpointId)),

    async create(orgId, actor, settings) {
      const endpointId = crypto.randomUUID();
      const kind = settings.kind ?? 'generic';
      const byDefault = kind === 'badge_service' ? BADGE_SERVICE_EVENT_TYPES : null;
      const eventTypes = requireEventFilter(settings.eventTypes === undefined ? byDefault : settings.eventTypes);
      const url = requireEndpointUrl(settings.url, urlOptions);
      const description = requireDescription(settings.description ?? '');
      const { secret, sealedSecret } = await makeSecret(requireUuid(orgId, 'organisation_id'), endpointId);
      const createdBy = describeActor(actor);
      const endpoint = await within(orgId, async (session) => {
        if ((await repository.listEndpoints(session)).length >= MOST_ENDPOINTS) {
          throw new VerveError('unprocessable', `An organisation has at most ${MOST_ENDPOINTS} endpoints.`);
        }
        const row = { endpointId, kind, url, description, eventTypes, sealedSecret, createdBy };
        return repository.insertEndpoint(session, row);
      });
      return { endpoint, secret };
    },

    update: (orgId, endpointId, settings) =>
      within(orgId, async (session) => {
        const before = await requireEndpoint(session, endpointId, true);
        return repository.updateEndpoint(session, before.endpointId, {
          url: settings.url === undefined ? before.url : requireEndpointUrl(settings.url, urlOptions),
          description: requireDescription(settings.description ?? before.description),
          eventTypes: settings.eventTypes === undefined ? before.eventTypes : requireEventFilter(settings.eventTypes),
        });
      }),

    async rotateSecret(orgId, endpointId, { overlapHours = DEFAULT_OVERLAP_HOURS } = {}) {
      if (!(overlapHours >= 0 && overlapHours <= LONGEST_OVERLAP_HOURS)) {
        throw new VerveError('invalid_request', `The overlap is 0 to ${LONGEST_OVERLAP_HOURS} hours.`, {
          fields: [{ field: 'overlap_hours', message: `must be between 0 and ${LONGEST_OVERLAP_HOURS}` }],
        });
      }
      const { secret, sealedSecret } = await makeSecret(requireUuid(orgId, 'organisation_id'), endpointId);
      const endpoint = await within(orgId, async (session) => {
        const before = await requireEndpoint(session, endpointId, true);
        const rotation = { endpointId: before.endpointId, sealedSecret, overlapSeconds: overlapHours * 3600 };
        return repository.rotateSecret(session, rotation);
      });
      return { endpoint, secret };
    },

    enable: (orgId, endpointId) =>
      within(orgId, async (session) => {
        const before = await requireEndpoint(session, endpointId, true);
        if (before.status === 'enabled') return before;
        const endpoint = await repository.enableEndpoint(session, before.endpointId);
        await reviewAlarms(session, [before.endpointId]);
        return endpoint;
      }),

    disable: (orgId, endpointId) =>
      within(orgId, async (session) => {
        const before = await requireEndpoint(session, endpointId, true);
        return (await repository.disableEndpoint(session, before.endpointId, 'by_hand')) ?? before;
      }),

    remove: (orgId, endpointId) =>
      within(orgId, async (session) => {
        const before = await requireEndpoint(session, endpointId, true);
        await repository.deleteEndpoint(session, before.endpointId);
        await reviewAlarms(session, [before.endpointId]);
      }),
  };
}

/** Where an endpoint's secrets are sealed to: they open for that endpoint only. */
export function secretPlace(orgId: string, endpointId: string): { orgId: string; name: string } {
  return { orgId, name: `webhook-endpoint/${endpointId.toLowerCase()}` };
}

/** The endpoint, or a refusal. @throws VerveError `invalid_id`, `not_found` */
export async function requireEndpoint(session: Session, endpointId: string, lock = false): Promise<Endpoint> {
  const endpoint = await repository.findEndpoint(session, requireUuid(endpointId, 'endpoint_id'), lock);
  if (endpoint === null) throw new VerveError('not_found');
  return endpoint;
}

function requireDescription(description: string): string {
  if (description.length <= LONGEST_DESCRIPTION) return description.trim();
  throw new VerveError('invalid_request', `The description has at most ${LONGEST_DESCRIPTION} characters.`, {
    fields: [{ field: 'description', message: `must have at most ${LONGEST_DESCRIPTION} characters` }],
  });
}
