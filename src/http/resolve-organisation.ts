import type { Actor } from '../engine/actor.ts';
import { VerveError } from '../engine/errors.ts';
import { slugForm } from '../engine/organisations/profile.ts';
import type { Caller } from './operation.ts';
import { listMemberships, type Membership } from './people/people-repository.ts';
import type { Runtime } from './runtime.ts';

/** The organisation of a request and the caller in the engine's terms. */
export interface Place {
  orgId: string;
  actor: Actor;
}

/**
 * Finds the organisation (spec §6): the key's, else the header `Verve-Organisation`, else the person's only one. Several
 * without a header is `organisation_required`; one that is not the caller's is `not_found`, like one that does not exist.
 * A key may name its own organisation in the header, and no other.
 */
export async function resolveOrganisation(runtime: Runtime, caller: Caller, named: string | null): Promise<Place> {
  const header = named?.trim() || null; // an empty header names none
  if (header !== null && !slugForm.test(header)) throw new VerveError('not_found');
  switch (caller.kind) {
    case 'public':
      return { orgId: '', actor: { kind: 'public' } };
    case 'key':
      if (header !== null) await requireSlug(runtime, caller.orgId, header);
      return { orgId: caller.orgId, actor: { kind: 'key', apiKeyId: caller.apiKeyId, scopes: caller.scopes } };
    case 'person': {
      const { userId } = caller;
      const { orgId, mentorId, roles } = choose(await membershipsOf(runtime, caller), header);
      return { orgId, actor: { kind: 'person', userId, mentorId, roles } };
    }
  }
}

/** Every organisation of a person. */
export function membershipsOf(runtime: Runtime, caller: Caller & { kind: 'person' }): Promise<Membership[]> {
  return runtime.verve.parts.database.transaction({ role: 'authenticated', claims: caller.claims }, listMemberships);
}

function choose(memberships: Membership[], header: string | null): Membership {
  const wanted = header === null ? memberships : memberships.filter(({ slug }) => slug === header);
  const [first, ...others] = wanted;
  if (first === undefined) throw new VerveError(header === null ? 'forbidden' : 'not_found');
  if (others.length > 0) throw new VerveError('organisation_required');
  return first;
}

async function requireSlug(runtime: Runtime, orgId: string, slug: string): Promise<void> {
  const found = await runtime.verve.organisations.findIdBySlug(slug);
  if (found !== orgId) throw new VerveError('not_found');
}
