import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { TEMPLATE } from './cluster.ts';
import { makeTestDatabase, type TestDatabase } from './harness.ts';
import { runVerve } from './programs.ts';

const VERVE_SECRET = 'a secret for tests of thirty-two characters';
let db: TestDatabase;
let environment: Record<string, string>;

beforeAll(async () => {
  db = await makeTestDatabase({ template: TEMPLATE });
  environment = { DATABASE_URL: db.appUrl, VERVE_SECRET };
  const mentorId = randomUUID();
  await db.adminPool.query(
    `with organisation as (insert into verve.organisations (slug, name) values ('lydhor', 'Lydhør') returning id),
     mentor as (insert into verve.mentors (org_id, id, display_name) select id, $1, 'Vestland' from organisation),
     milestones as (insert into verve.milestones (org_id, threshold) select id, unnest(array[1, 5, 10]) from organisation)
     insert into verve.mentor_totals (org_id, mentor_id, credited) select id, $1, 6 from organisation`,
    [mentorId],
  );
});

describe('verve milestones backfill', () => {
  test('shows what is missing and writes nothing, then grants it once', async () => {
    const preview = await runVerve(['milestones', 'backfill'], environment);
    expect(preview).toMatchObject({ code: 0 });
    expect(preview.output).toContain('2 milestones and 0 badges would be granted: run it with --grant.');
    const granted = await runVerve(['milestones', 'backfill', '--grant', '--json'], environment);
    expect(JSON.parse(granted.output)).toMatchObject({
      outcome: 'granted',
      milestones: [{ threshold: 1 }, { threshold: 5 }],
    });
    const again = await runVerve(['milestones', 'backfill', '--grant'], environment);
    expect(again.output).toContain('Nothing is missing.');
  }, 30_000);
});

describe('verve doctor', () => {
  test('names what is parked and what is late', async () => {
    await db.adminPool.query(
      `with endpoint as (
         insert into verve.webhook_endpoints (org_id, url, sealed_secret, created_by)
         select id, 'https://merker.example.no/', '\\x00', 'test' from verve.organisations returning org_id, id)
       insert into verve.webhook_deliveries (org_id, endpoint_id, status, parked_at, due_at)
       select org_id, id, 'parked', now(), now() from endpoint
       union all select org_id, id, 'pending', null, now() - interval '10 minutes' from endpoint`,
    );
    const { code, output } = await runVerve(['doctor', '--json'], environment);
    expect(code).toBe(4);
    expect(output).toContain('1 webhook deliveries are parked');
    expect(output).toContain('the oldest for 10 minutes');
  }, 30_000);
});
