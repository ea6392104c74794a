import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { silentLogger } from '../src/engine/parts.ts';
import type { Verve } from '../src/engine/verve.ts';
import { keepStatistics } from '../src/server/keep-statistics.ts';
import { readPlannedEvents } from '../src/server/statistics-repository.ts';
import { testDatabase } from './harness.ts';
import { organisationWithMentor, system, testVerve } from './harness-verve.ts';

const { pool } = await testDatabase();

async function makeEvents(verve: Verve, count: number): Promise<void> {
  const { orgId } = await organisationWithMentor(verve);
  const mentors = Array.from({ length: count }, () => ({ mentorId: randomUUID(), displayName: 'Kari Fjell' }));
  await verve.mentors.createMany({ orgId, actor: system, mentors });
  await verve.codes.getOrCreateMany({ orgId, actor: system, mentorIds: mentors.map(({ mentorId }) => mentorId) });
}

test('The planner hears of a new installation’s first hundred events, and again only when it has fallen behind', async () => {
  const verve = await testVerve();
  const logger = silentLogger;
  await makeEvents(verve, 10);
  const first = keepStatistics({ verve, pool, logger });
  await makeEvents(verve, 120);
  await first.close();
  const planned = await readPlannedEvents(pool);
  expect(planned).toBeGreaterThanOrEqual(130);

  const second = keepStatistics({ verve, pool, logger });
  await makeEvents(verve, 120);
  await second.close();
  expect(await readPlannedEvents(pool)).toBe(planned);
});
