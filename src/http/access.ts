import { type Operation as Permission, permissions } from '../engine/permissions.ts';
import type { Access } from './operation.ts';
import type { RateLimitPolicy } from './requests/rate-limit.ts';

/** For callers whom the permission table lets do this: a key with its scope, or a person whose rights the engine decides. */
export function callersWho(permission: Permission): Access {
  return { to: 'callers', scope: permissions[permission].key ?? 'none' };
}

/** Submissions by people at a public page. */
export const submissionLimit: RateLimitPolicy = { name: 'submissions', quota: 60, windowSeconds: 60 };
/** Openings of links, told by an app. Flood limits per code come on top. */
export const clickLimit: RateLimitPolicy = { name: 'clicks', quota: 600, windowSeconds: 60 };
/** Looking codes up without being anybody: what guessing gets. */
export const lookupLimit: RateLimitPolicy = { name: 'lookups', quota: 60, windowSeconds: 60 };
