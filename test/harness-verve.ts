import { randomUUID } from 'node:crypto';
import type { Actor, RoleHeld } from '../src/engine/actor.ts';
import type { Clock } from '../src/engine/clock.ts';
import type { ConnectionPool } from '../src/engine/database.ts';
import { createVerve, type Verve } from '../src/engine/verve.ts';
import { testDatabase } from './harness.ts';

/** The secret of every test's installation. */
export const testSecret = 'the secret of an installation that exists in tests only';
/** Who may do everything. */
export const system: Actor = { kind: 'system', name: 'test' };
/** The code secret of specification §2.1, of which the published vectors are made. */
export const vectorSecret = new TextEncoder().encode('org-secret-test');

/** An engine over the test file's own database. */
export async function testVerve(
  options: { clock?: Clock; pool?: ConnectionPool; secret?: string | readonly string[] } = {},
): Promise<Verve> {
  const { pool: own } = await testDatabase();
  const { pool = own, ...rest } = options;
  return createVerve({ database: pool, secret: testSecret, ...rest });
}

/** An organisation made by the engine, with one mentor. */
export async function organisationWithMentor(verve: Verve, options: { linkDomains?: string[] } = {}) {
  const { orgId } = await verve.organisations.create({ actor: system, slug: `t-${randomUUID()}`, name: 'Lydhør' });
  const { linkDomains = ['verv.example.no'] } = options;
  await verve.organisations.update({ orgId, actor: system, change: { linkDomains } });
  return { orgId, mentorId: await newMentor(verve, orgId) };
}

/** One more mentor of an organisation. */
export async function newMentor(verve: Verve, orgId: string, branchId: string | null = null): Promise<string> {
  const made = await verve.mentors.create({ orgId, actor: system, displayName: 'Solveig Fjell', branchId });
  if (made.outcome !== 'created') throw new Error(made.outcome);
  return made.mentor.mentorId;
}

/** The mentor as signed in. */
export function asMentor(mentorId: string): Actor {
  return { kind: 'person', userId: randomUUID(), mentorId, roles: [{ role: 'peer_mentor', branchId: null }] };
}

/** Somebody with one role who is no mentor. */
export function asPerson(role: RoleHeld['role'], branchId: string | null = null): Actor {
  return { kind: 'person', userId: randomUUID(), mentorId: null, roles: [{ role, branchId }] };
}

/** A key with these scopes. */
export function asKey(...scopes: string[]): Actor {
  return { kind: 'key', apiKeyId: randomUUID(), scopes };
}

/** A pool that writes down every statement sent through it. */
export function watchedPool(pool: ConnectionPool): { pool: ConnectionPool; statements: string[] } {
  const statements: string[] = [];
  return {
    statements,
    pool: {
      async connect() {
        const connection = await pool.connect();
        return {
          query(statement) {
            statements.push(statement.text.trim());
            return connection.query(statement);
          },
          release: (error) => connection.release(error),
        };
      },
    },
  };
}

/** The statements beside those that open, scope and end a transaction. */
export function workOf(statements: readonly string[]): string[] {
  return statements.filter((text) => !/^(begin|commit|rollback|select set_config\()/.test(text));
}
