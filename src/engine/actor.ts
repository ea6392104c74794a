/** Who asks. Every operation takes an actor; there is no ambient user. */

/** A role that a person holds in one organisation. */
export interface RoleHeld {
  role: 'peer_mentor' | 'coordinator' | 'org_admin';
  branchId: string | null; // null = the whole organisation
}

export type Actor =
  /** Verve itself or a signed sender: webhook, reconciliation, import, scheduler. */
  | { kind: 'system'; name: string }
  /** An API key with its scopes. */
  | { kind: 'key'; apiKeyId: string; scopes: readonly string[] }
  /** A signed-in person. `mentorId` is set when the person is a mentor of this organisation. */
  | { kind: 'person'; userId: string; mentorId: string | null; roles: readonly RoleHeld[] }
  /** Nobody in particular: the public pages. */
  | { kind: 'public' };

/** The actor of a host that embeds the engine and has done its own authorisation. */
export const hostActor: Actor = { kind: 'system', name: 'host' };

/** A short string for records: says the kind and our own id, never a name. */
export function describeActor(actor: Actor): string {
  switch (actor.kind) {
    case 'system':
      return `system:${actor.name}`;
    case 'key':
      return `key:${actor.apiKeyId}`;
    case 'person':
      return `person:${actor.userId}`;
    case 'public':
      return 'public';
  }
}

/** Who a record says it was, for going on with what he began. He has no rights by it. */
export function actorOf(described: string): Actor {
  const [kind, ...rest] = described.split(':');
  const id = rest.join(':');
  if (kind === 'key') return { kind, apiKeyId: id, scopes: [] };
  if (kind === 'person') return { kind, userId: id, mentorId: null, roles: [] };
  if (kind === 'public') return { kind };
  return { kind: 'system', name: id };
}
