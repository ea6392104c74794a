import { describeActor } from '../actor.ts';
import type { AuditAction } from '../audit/actions.ts';
import { recordAction } from '../audit/record-action.ts';
import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import { reviewAlarms } from './alarm.ts';
import { requireEndpointUrl } from './endpoint-url.ts';
import * as repository from './endpoints-repository.ts';
import { BADGE_SERVICE_EVENT_TYPES, requireEventFilter } from './event-filter.ts';
import { createSecret } from './sign.ts';

/** How long the secret before a rotation signs too: a day, for the receiver to put in the new one. */
const DEFAULT_OVERLAP_HOURS = 24;
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

/** The endpoints of an organisation; for administrators, and keys with `admin`. */
export interface WebhookEndpoints {
  list(call: Call): Promise<Endpoint[]>;
  /** @throws VerveError `not_found` */
  get(call: Call, endpointId: string): Promise<Endpoint>;
  /** Makes an endpoint. Its secret is in the answer and nowhere else, ever. Not safe to repeat. */
  create(
    call: Call,
    settings: EndpointSettings & { kind?: repository.EndpointKind },
  ): Promise<{ endpoint: Endpoint; secret: string }>;
  /** Changes what is given. A new address starts without pause or failure. Safe to repeat. */
  update(call: Call, endpointId: string, settings: Partial<EndpointSettings>): Promise<Endpoint>;
  /**
   * Gives a new secret, shown once; the old one signs beside it for `overlapHours` (default 24, 0 to 168; 0 when it
   * has leaked). Not safe to repeat.
   */
  rotateSecret(
    call: Call,
    endpointId: string,
    options?: { overlapHours?: number },
  ): Promise<{ endpoint: Endpoint; secret: string }>;
  /** Enables an endpoint; what waited for it is sent. Safe to repeat. */
  enable(call: Call, endpointId: string): Promise<Endpoint>;
  /** Disables an endpoint: no new deliveries are made, and what waits stays. Safe to repeat. */
  disable(call: Call, endpointId: string): Promise<Endpoint>;
  /** Ends an endpoint for good: forgets address and secrets, cancels what waited. The log of what was sent stays. */
  remove(call: Call, endpointId: string): Promise<void>;
}

/** Wires the endpoints. `allowLoopback` is for development and tests. (Default: false) */
export function createWebhookEndpoints(
  parts: EngineParts,
  options: { allowLoopback?: boolean } = {},
): WebhookEndpoints {
  const within = <Result>(call: Call, work: (session: Session) => Promise<Result>) => {
    requireMay(call.actor, 'endpoint.manage');
    return inOrganisation(parts, call, work);
  };
  const urlOptions = { allowLoopback: options.allowLoopback === true };

  async function makeSecret(orgId: string, endpointId: string) {
    const secret = createSecret();
    return { secret, sealedSecret: await parts.keyRing.sealText(secretPlace(orgId, endpointId), secret) };
  }

  return {
    list: async (call) => within(call, repository.listEndpoints),
    get: async (call, endpointId) => within(call, (session) => requireEndpoint(session, endpointId)),

    async create(call, settings) {
      const endpointId = parts.random.uuid();
      const kind = settings.kind ?? 'generic';
      const byDefault = kind === 'badge_service' ? BADGE_SERVICE_EVENT_TYPES : null;
      const eventTypes = requireEventFilter(settings.eventTypes === undefined ? byDefault : settings.eventTypes);
      const url = requireEndpointUrl(settings.url, urlOptions);
      const description = requireDescription(settings.description ?? '');
      const { secret, sealedSecret } = await makeSecret(call.orgId, endpointId);
      const createdBy = describeActor(call.actor);
      const endpoint = await within(call, async (session) => {
        await repository.lockEndpoints(session);
        if ((await repository.listEndpoints(session)).length >= MOST_ENDPOINTS) {
          throw new VerveError('unprocessable', `An organisation has at most ${MOST_ENDPOINTS} endpoints.`);
        }
        const row = { endpointId, kind, url, description, eventTypes, sealedSecret, createdBy };
        const made = await repository.insertEndpoint(session, row);
        await record(session, call, 'endpoint.create', endpointId, { kind });
        return made;
      });
      return { endpoint, secret };
    },

    update: async (call, endpointId, settings) =>
      within(call, async (session) => {
        const before = await requireEndpoint(session, endpointId, true);
        const fields = Object.entries(settings).flatMap(([field, value]) => (value === undefined ? [] : [field]));
        await record(session, call, 'endpoint.change', before.endpointId, { fields: fields.sort() });
        return repository.updateEndpoint(session, before.endpointId, {
          url: settings.url === undefined ? before.url : requireEndpointUrl(settings.url, urlOptions),
          description: requireDescription(settings.description ?? before.description),
          eventTypes: settings.eventTypes === undefined ? before.eventTypes : requireEventFilter(settings.eventTypes),
        });
      }),

    async rotateSecret(call, endpointId, { overlapHours = DEFAULT_OVERLAP_HOURS } = {}) {
      if (!(overlapHours >= 0 && overlapHours <= LONGEST_OVERLAP_HOURS)) {
        throw new VerveError('invalid_request', `The overlap is 0 to ${LONGEST_OVERLAP_HOURS} hours.`, {
          fields: [{ field: 'overlap_hours', message: `must be between 0 and ${LONGEST_OVERLAP_HOURS}` }],
        });
      }
      const { secret, sealedSecret } = await makeSecret(call.orgId, endpointId);
      const endpoint = await within(call, async (session) => {
        const before = await requireEndpoint(session, endpointId, true);
        const rotation = { endpointId: before.endpointId, sealedSecret, overlapSeconds: overlapHours * 3600 };
        const overlap = { overlap_hours: overlapHours };
        await record(session, call, 'endpoint.rotate_secret', before.endpointId, overlap);
        return repository.rotateSecret(session, rotation);
      });
      return { endpoint, secret };
    },

    enable: async (call, endpointId) =>
      within(call, async (session) => {
        const before = await requireEndpoint(session, endpointId, true);
        if (before.status === 'enabled') return before;
        const endpoint = await repository.enableEndpoint(session, before.endpointId);
        await reviewAlarms(session, [before.endpointId]);
        await record(session, call, 'endpoint.enable', before.endpointId);
        return endpoint;
      }),

    disable: async (call, endpointId) =>
      within(call, async (session) => {
        const before = await requireEndpoint(session, endpointId, true);
        const disabled = await repository.disableEndpoint(session, before.endpointId, 'by_hand');
        if (disabled !== null) await record(session, call, 'endpoint.disable', before.endpointId);
        return disabled ?? before;
      }),

    remove: async (call, endpointId) =>
      within(call, async (session) => {
        const before = await requireEndpoint(session, endpointId, true);
        await repository.deleteEndpoint(session, before.endpointId);
        await reviewAlarms(session, [before.endpointId]);
        await record(session, call, 'endpoint.delete', before.endpointId);
      }),
  };
}

function record(
  session: Session,
  { actor }: Call,
  action: AuditAction,
  endpointId: string,
  details: Record<string, unknown> = {},
): Promise<string> {
  return recordAction(session, { actor, action, subjectId: endpointId, details });
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
