import type { Actor } from './actor.ts';
import { type ErrorCode, VerveError } from './errors.ts';

/** What an API key may be allowed to do. `admin` holds what only administrators may. */
export const scopes = [
  'codes:read',
  'codes:write',
  'mentors:read',
  'mentors:write',
  'clicks:write',
  'registrations:write',
  'attributions:read',
  'attributions:confirm',
  'attributions:review',
  'claims:write',
  'members:read',
  'reports:read',
  'admin',
  'organisations:create',
] as const;
export type KeyScope = (typeof scopes)[number];

/** Scopes that reach beyond one organisation: only the installation gives them, by the command line or as the host. */
export const installationScopes: readonly KeyScope[] = ['organisations:create'];

/** `own` = what belongs to the mentor; `scope` = mentors in the coordinator's branches; `all` = the organisation. */
interface Rule {
  peer_mentor: 'own' | 'all' | 'never';
  coordinator: 'scope' | 'all' | 'never';
  org_admin: 'all' | 'never';
  /** The scope a key needs; null = no key may. */
  key: KeyScope | null;
  /** Whether nobody may do it about himself. (Default: false) */
  notAboutOneself?: true;
  /** Whether somebody without any identity may. (Default: false) */
  public?: true;
}

const ownOrScope = { peer_mentor: 'own', coordinator: 'scope', org_admin: 'all' } as const;
const scopeOrAdmin = { peer_mentor: 'never', coordinator: 'scope', org_admin: 'all' } as const;
const adminOnly = { peer_mentor: 'never', coordinator: 'never', org_admin: 'all', key: 'admin' } as const;

/** Who may do what (specification §2.17). Tests run over it and docs/permissions.md is written from it. */
export const permissions = {
  'code.read': { ...ownOrScope, key: 'codes:read' },
  'code.create': { ...ownOrScope, key: 'codes:write' },
  'code.share': { ...ownOrScope, key: 'codes:write' },
  'code.rotate': { ...ownOrScope, key: 'codes:write' },
  'code.invalidate': { ...scopeOrAdmin, key: 'codes:write' },
  'code.reissue': { ...scopeOrAdmin, key: 'codes:write' },
  'click.record': { peer_mentor: 'all', coordinator: 'all', org_admin: 'all', key: 'clicks:write', public: true },
  'registration.record': {
    peer_mentor: 'all',
    coordinator: 'all',
    org_admin: 'all',
    key: 'registrations:write',
    public: true,
  },
  'registration.name_member': {
    peer_mentor: 'never',
    coordinator: 'never',
    org_admin: 'never',
    key: 'registrations:write',
  },
  'attribution.read': { ...ownOrScope, key: 'attributions:read' },
  'attribution.confirm': { ...scopeOrAdmin, key: 'attributions:confirm' },
  'attribution.reverse': { ...scopeOrAdmin, key: 'attributions:confirm' },
  'attribution.approve': { ...scopeOrAdmin, key: 'attributions:review', notAboutOneself: true },
  'attribution.reject': { ...scopeOrAdmin, key: 'attributions:review', notAboutOneself: true },
  'attribution.reassign': { ...scopeOrAdmin, key: 'attributions:review', notAboutOneself: true },
  'attribution.remove': adminOnly,
  'attribution.restore': adminOnly,
  'inbox.read': { ...scopeOrAdmin, key: 'attributions:review' },
  'inbox.resolve': { ...scopeOrAdmin, key: 'attributions:review', notAboutOneself: true },
  'claim.file': { ...ownOrScope, key: 'claims:write' },
  'member.read': { peer_mentor: 'never', coordinator: 'never', org_admin: 'all', key: 'members:read' },
  'member.relink': adminOnly,
  'report.read': { ...ownOrScope, key: 'reports:read' },
  'mentor.read': { ...ownOrScope, key: 'mentors:read' },
  'mentor.set_status': { ...scopeOrAdmin, key: 'mentors:write' },
  'mentor.choose': { ...ownOrScope, key: 'mentors:write' },
  'mentor.create': { peer_mentor: 'never', coordinator: 'never', org_admin: 'all', key: 'mentors:write' },
  'mentor.update': { peer_mentor: 'never', coordinator: 'never', org_admin: 'all', key: 'mentors:write' },
  'branch.read': { peer_mentor: 'never', coordinator: 'all', org_admin: 'all', key: 'mentors:read' },
  'branch.manage': { ...adminOnly, key: 'mentors:write' },
  'role.manage': adminOnly,
  'badge.read': { peer_mentor: 'all', coordinator: 'all', org_admin: 'all', key: 'reports:read' },
  'badge.manage': adminOnly,
  'organisation.read': { peer_mentor: 'all', coordinator: 'all', org_admin: 'all', key: 'codes:read' },
  'organisation.change': adminOnly,
  'organisation.create': {
    peer_mentor: 'never',
    coordinator: 'never',
    org_admin: 'never',
    key: 'organisations:create',
  },
  'organisation.export': adminOnly,
  'organisation.offboard': adminOnly,
  'secret.manage': adminOnly,
  'key.manage': adminOnly,
  'endpoint.manage': adminOnly,
  'integration.read': { peer_mentor: 'never', coordinator: 'all', org_admin: 'all', key: 'admin' },
  'integration.run': adminOnly,
  'import.run': adminOnly,
  'audit.read': adminOnly,
  'person.export': adminOnly,
  'person.erase': adminOnly,
} as const satisfies Record<string, Rule>;

export type Operation = keyof typeof permissions;

/** What an operation is about. Leave out what does not apply. */
export interface PermissionTarget {
  /** The mentors concerned: of a code its owner, of a reassignment both. */
  mentorIds?: readonly (string | null)[];
  /** The branch of the mentor concerned and all branches above it; empty = belongs to the organisation itself. */
  branchPath?: readonly string[];
}

/** As what somebody is allowed to do something. */
export type AllowedAs = 'system' | 'key' | 'org_admin' | 'coordinator' | 'peer_mentor' | 'public';

export type Permission =
  | { allowed: true; as: AllowedAs }
  | { allowed: false; code: Extract<ErrorCode, 'unauthenticated' | 'forbidden' | 'about_oneself'> };

/**
 * Whether an actor may do something to a target within one organisation. Pure. Somebody with several roles is allowed
 * as the highest that allows it. The organisation itself is the transaction's: another's is not found, never forbidden.
 */
export function may(actor: Actor, operation: Operation, target: PermissionTarget = {}): Permission {
  const rule: Rule = permissions[operation];
  switch (actor.kind) {
    case 'system':
      return { allowed: true, as: 'system' };
    case 'public':
      return rule.public ? { allowed: true, as: 'public' } : { allowed: false, code: 'unauthenticated' };
    case 'key':
      return rule.key !== null && actor.scopes.includes(rule.key)
        ? { allowed: true, as: 'key' }
        : { allowed: false, code: 'forbidden' };
    case 'person':
      return mayPerson(actor, rule, target);
  }
}

/** {@link may}, refusing with a VerveError. Gives as what it is allowed. */
export function requireMay(actor: Actor, operation: Operation, target: PermissionTarget = {}): AllowedAs {
  const permission = may(actor, operation, target);
  if (!permission.allowed) throw new VerveError(permission.code);
  return permission.as;
}

/**
 * The branches to which an operation must be narrowed for this actor: null = none, it may touch the whole organisation.
 * Branches stand for everything below them. Refuses who may not do it anywhere; a mentor's own is not considered.
 */
export function branchesAllowed(actor: Actor, operation: Operation): readonly string[] | null {
  const rule: Rule = permissions[operation];
  if (actor.kind !== 'person') {
    requireMay(actor, operation);
    return null;
  }
  const has = (role: string) => holds(actor, role);
  if (rule.org_admin === 'all' && has('org_admin')) return null;
  const coordinates = actor.roles.filter((held) => held.role === 'coordinator');
  if (rule.coordinator !== 'never' && coordinates.length > 0) {
    if (rule.coordinator === 'all' || coordinates.some((held) => held.branchId === null)) return null;
    return coordinates.map((held) => held.branchId as string);
  }
  if (rule.peer_mentor === 'all' && has('peer_mentor')) return null;
  throw new VerveError('forbidden');
}

/** Whether a person holds a role anywhere in the organisation; being one of its mentors is the role `peer_mentor`. */
function holds(actor: Extract<Actor, { kind: 'person' }>, role: string): boolean {
  return actor.roles.some((held) => held.role === role) || (role === 'peer_mentor' && actor.mentorId !== null);
}

function mayPerson(actor: Extract<Actor, { kind: 'person' }>, rule: Rule, target: PermissionTarget): Permission {
  const isOwn = actor.mentorId !== null && (target.mentorIds ?? []).includes(actor.mentorId);
  const has = (role: string) => holds(actor, role);
  const isInScope = actor.roles.some(
    (held) =>
      held.role === 'coordinator' && (held.branchId === null || (target.branchPath ?? []).includes(held.branchId)),
  );
  let as: AllowedAs | null = null;
  if (rule.org_admin === 'all' && has('org_admin')) as = 'org_admin';
  else if (rule.coordinator === 'all' ? has('coordinator') : rule.coordinator === 'scope' && isInScope)
    as = 'coordinator';
  else if (rule.peer_mentor === 'all' ? has('peer_mentor') : rule.peer_mentor === 'own' && isOwn) as = 'peer_mentor';
  if (as === null) return { allowed: false, code: 'forbidden' };
  return rule.notAboutOneself && isOwn ? { allowed: false, code: 'about_oneself' } : { allowed: true, as };
}
