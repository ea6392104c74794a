import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Actor } from '../src/engine/actor.ts';
import { branchesAllowed, may, type Operation, permissions, scopes } from '../src/engine/permissions.ts';
import { asKey, asMentor, asPerson, system } from './harness-verve.ts';

const county = randomUUID();
const local = randomUUID();
const elsewhere = randomUUID();
const mentorId = randomUUID();
const target = { mentorIds: [mentorId], branchPath: [local, county] };

const actors: Record<string, Actor> = {
  'the mentor concerned': asMentor(mentorId),
  'another mentor': asMentor(randomUUID()),
  'a coordinator of the organisation': asPerson('coordinator'),
  'a coordinator of the county above': asPerson('coordinator', county),
  'a coordinator of another branch': asPerson('coordinator', elsewhere),
  'an administrator': asPerson('org_admin'),
  'somebody without any role': { kind: 'person', userId: randomUUID(), mentorId: null, roles: [] },
  'a key with every scope': asKey(...scopes),
  'a key without scope': asKey(),
  nobody: { kind: 'public' },
  'the system': system,
};

/** The specification §2.17, read once more and by hand, so that a slip in the table shows. */
const expected: Record<string, readonly Operation[]> = {
  'the mentor concerned': ['code.create', 'code.share', 'code.rotate', 'claim.file', 'attribution.read'],
  'another mentor': ['click.record', 'registration.record'],
  'a coordinator of the county above': [
    'code.rotate',
    'code.invalidate',
    'mentor.set_status',
    'attribution.confirm',
    'attribution.reverse',
    'attribution.approve',
    'attribution.reject',
    'attribution.reassign',
    'inbox.resolve',
  ],
  'an administrator': [
    'attribution.remove',
    'attribution.restore',
    'person.erase',
    'organisation.change',
    'key.manage',
  ],
  nobody: ['click.record', 'registration.record'],
};
const refused: Record<string, readonly Operation[]> = {
  'the mentor concerned': [
    'code.invalidate',
    'attribution.confirm',
    'attribution.reverse',
    'mentor.set_status',
    'member.read',
  ],
  'another mentor': ['code.create', 'code.rotate', 'attribution.read'],
  'a coordinator of the county above': [
    'attribution.remove',
    'person.erase',
    'organisation.change',
    'key.manage',
    'member.read',
  ],
  'a coordinator of another branch': ['code.rotate', 'attribution.confirm', 'attribution.approve', 'inbox.resolve'],
  'somebody without any role': ['code.create', 'attribution.confirm', 'report.read'],
  'a key without scope': ['code.read', 'attribution.confirm'],
};

describe.each(Object.entries(expected))('%s', (who, operations) => {
  test.each(operations)('may %s', (operation) => {
    expect(may(actors[who] as Actor, operation, target).allowed).toBe(true);
  });
});

describe.each(Object.entries(refused))('%s', (who, operations) => {
  test.each(operations)('may not %s', (operation) => {
    expect(may(actors[who] as Actor, operation, target)).toEqual({ allowed: false, code: 'forbidden' });
  });
});

describe.each(Object.keys(permissions) as Operation[])('%s', (operation) => {
  test('is open to the system, closed to who has no role, and a key needs its scope', () => {
    const rule = permissions[operation];
    expect(may(system, operation, target).allowed).toBe(true);
    expect(may(actors['somebody without any role'] as Actor, operation, target).allowed).toBe(false);
    expect(may({ kind: 'public' }, operation, target).allowed).toBe('public' in rule);
    const others = scopes.filter((scope) => scope !== rule.key);
    expect(may(asKey(...others), operation, target).allowed).toBe(false);
    expect(may(asKey(...scopes), operation, target).allowed).toBe(rule.key !== null);
  });

  test('is never wider for a lower role than for a higher one', () => {
    const allowed = (who: string) => may(actors[who] as Actor, operation, target).allowed;
    if (allowed('a coordinator of the county above')) expect(allowed('a coordinator of the organisation')).toBe(true);
    if (allowed('a coordinator of the organisation')) expect(allowed('an administrator')).toBe(true);
    if (allowed('another mentor')) expect(allowed('the mentor concerned')).toBe(true);
  });

  test('is done by nobody about himself where the table says so, also as coordinator or administrator', () => {
    const isGuarded = 'notAboutOneself' in permissions[operation];
    for (const role of ['coordinator', 'org_admin'] as const) {
      const actor: Actor = { kind: 'person', userId: randomUUID(), mentorId, roles: [{ role, branchId: null }] };
      const other: Actor = { ...actor, mentorId: randomUUID() };
      if (!may(other, operation, target).allowed) continue;
      expect(may(actor, operation, target)).toEqual(
        isGuarded ? { allowed: false, code: 'about_oneself' } : expect.objectContaining({ allowed: true }),
      );
    }
  });
});

describe('branchesAllowed', () => {
  test('narrows a coordinator to the branches held, an administrator to nothing', () => {
    expect(branchesAllowed(asPerson('coordinator', county), 'code.read')).toEqual([county]);
    expect(branchesAllowed(asPerson('coordinator'), 'code.read')).toBeNull();
    expect(branchesAllowed(asPerson('org_admin'), 'code.read')).toBeNull();
    expect(branchesAllowed(asKey('codes:read'), 'code.read')).toBeNull();
    expect(() => branchesAllowed(asMentor(mentorId), 'code.read')).toThrow(/forbidden/);
    expect(() => branchesAllowed({ kind: 'public' }, 'code.read')).toThrow(/unauthenticated/);
  });
});
