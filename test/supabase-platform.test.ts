import { describe, expect, test } from 'vitest';
import { makePool } from '../src/server/pool.ts';
import { readVaultSecret } from '../src/server/supabase/vault-repository.ts';
import { testDatabase } from './harness.ts';
import { system as actor } from './harness-verve.ts';
import { applyMigrations } from './supabase/apply-migrations.ts';
import { makeWorld } from './supabase/people.ts';
import { startSupabaseProject } from './supabase/project.ts';

const project = await startSupabaseProject();
const world = await makeWorld(await applyMigrations(project));
const mentorUserId = world.askers.mentor?.claims?.sub as string;

async function messages() {
  const { rows } = await project.platform.query(
    'select event, topic, payload, private from realtime.messages where topic = $1',
    [`mentor:${mentorUserId}`],
  );
  return rows;
}

/** One more member for our mentor. */
async function recruit(memberId: string): Promise<string> {
  const { verve, orgId, northMentorId: mentorId } = world;
  const issued = await verve.codes.getOrCreate({ orgId, actor, mentorId });
  if (!('code' in issued)) throw new Error(issued.outcome);
  const { code } = issued.code;
  return (await verve.attributions.confirmRecruitment({ orgId, actor, code, newMemberId: memberId })).outcome;
}

describe('the Vault', () => {
  test('holds the installation’s secret, which only the server’s role reads', async () => {
    const secret = await readVaultSecret(world.pool, 'verve_secret');
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(await readVaultSecret(world.pool, 'verve_function_url')).toBeNull();
  });

  test('where there is none, nothing is read and nothing fails', async () => {
    const { pool } = await testDatabase();
    expect(await readVaultSecret(pool, 'verve_secret')).toBeNull();
  });
});

describe('pg_cron', () => {
  test('has every task once', async () => {
    const { rows } = await project.platform.query('select jobname from cron.job order by jobname');
    expect(rows.map((row) => row.jobname)).toEqual(
      [
        'verve-audit-seal',
        'verve-code-expiry',
        'verve-cron-history',
        'verve-deliver',
        'verve-fold',
        'verve-inbox-digest',
        'verve-inbound-sweep',
        'verve-offboarding',
        'verve-partitions',
        'verve-prune',
        'verve-reconciliation',
        'verve-retention',
      ].sort(),
    );
  });

  test('runs statements that the owner may run, and pokes the function once its address is known', async () => {
    const { rows } = await project.platform.query('select command from cron.job');
    for (const { command } of rows) await project.owner.query(command as string);
    expect((await project.platform.query('select from net.sent')).rowCount).toBe(0);
    await project.platform.query(
      `select vault.create_secret('https://ref.example/functions/v1/verve', 'verve_function_url')`,
    );
    await project.owner.query(`select verve_supabase.poke('reconciliation')`);
    const sent = await project.platform.query('select url, body, headers from net.sent');
    expect(sent.rows).toEqual([
      {
        url: 'https://ref.example/functions/v1/verve/work/reconciliation',
        body: {},
        headers: {
          'content-type': 'application/json',
          'verve-work-key': await readVaultSecret(world.pool, 'verve_work_key'),
        },
      },
    ]);
  });
});

describe('Realtime', () => {
  test('tells a mentor’s own private topic what to fetch again, and nothing about anybody', async () => {
    await project.platform.query('delete from realtime.messages');
    expect(await recruit('M-7001')).toBe('confirmed');
    const told = await messages();
    expect(told.map((one) => one.event)).toContain('recruitment_credited');
    for (const one of told) {
      expect(one.private).toBe(true);
      expect(Object.keys(one.payload).sort()).toEqual(['id', 'organisation']);
    }
  });

  test('tells of no credit where the organisation keeps daily figures', async () => {
    const { verve, orgId } = world;
    await verve.organisations.update({ orgId, actor, change: { settings: { mentors: { figures: 'daily' } } } });
    await project.platform.query('delete from realtime.messages');
    await recruit('M-7002');
    expect(await messages()).toEqual([]);
    await verve.organisations.update({ orgId, actor, change: { settings: { mentors: { figures: 'live' } } } });
  });

  test('that is down undoes nothing', async () => {
    await project.platform.query(`alter role verve_app set realtime.is_down = 'yes'`);
    await world.pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where usename = current_user and pid <> pg_backend_pid()',
    );
    const own = makePool({ connectionString: world.pool.options.connectionString ?? '', max: 1 });
    const { rows } = await own.query(`select current_setting('realtime.is_down', true) as down`);
    await own.end();
    expect(rows).toEqual([{ down: 'yes' }]);
    const outcomes: string[] = [];
    for (let i = 0; i < 6; i += 1) outcomes.push(await recruit(`M-71${i}`).catch(() => 'lost connection'));
    expect(outcomes).toContain('confirmed');
    await project.platform.query('alter role verve_app reset realtime.is_down');
  });

  test('lets a signed-in person hear the own topic only', async () => {
    const client = await project.platform.connect();
    const hear = async (topic: string) => {
      await client.query('begin');
      await client.query(
        `select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true),
        set_config('realtime.topic', $2, true)`,
        [JSON.stringify({ sub: mentorUserId }), topic],
      );
      const { rowCount } = await client.query('select from realtime.messages');
      await client.query('rollback');
      return rowCount;
    };
    await project.platform.query(`select realtime.send('{}', 'x', 'mentor:x')`);
    expect(await hear('mentor:x')).toBe(0);
    expect(await hear(`mentor:${mentorUserId}`)).toBeGreaterThan(0);
    client.release();
  });
});

test('a part that the owner may not use is left out, and can be taken up later', async () => {
  const other = await startSupabaseProject();
  await other.platform.query('alter table realtime.messages owner to current_user');
  const warnings: string[] = [];
  const client = await other.owner.connect();
  client.on('notice', (notice) => warnings.push(notice.message ?? ''));
  client.release();
  await applyMigrations(other);
  expect(warnings.filter((text) => text.startsWith('Verve does without realtime'))).toHaveLength(1);
  const triggers = `select from pg_trigger where tgname = 'broadcast_events'`;
  expect((await other.platform.query(triggers)).rowCount).toBe(0);
  expect((await other.platform.query('select from cron.job')).rowCount).toBe(12);

  await other.platform.query('alter table realtime.messages owner to project_owner');
  for (const _time of [1, 2]) await other.owner.query('select verve_supabase.use_platform()');
  expect((await other.platform.query(triggers)).rowCount).toBe(1);
  expect((await other.platform.query('select from cron.job')).rowCount).toBe(12);
});

test('without Vault, pg_cron, pg_net and Realtime the same migrations run', async () => {
  const plain = await startSupabaseProject({ hasExtensions: false });
  const appUrl = await applyMigrations(plain);
  const plainWorld = await makeWorld(appUrl);
  expect(plainWorld.orgId).toBeTruthy();
  await plain.owner.query(`select verve_supabase.poke('deliver')`);
});
