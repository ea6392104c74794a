import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { verify } from '../src/engine/verification/service.ts';
import { checkBackup } from '../src/server/backup/check-backup.ts';
import { restoreBackup } from '../src/server/backup/restore-backup.ts';
import { takeName } from '../src/server/backup/take-name.ts';
import { writeBackup } from '../src/server/backup/write-backup.ts';
import { listUnguardedTables } from '../src/server/catalog-repository.ts';
import { describeSchema } from '../src/server/describe-schema.ts';
import { system } from './harness-verve.ts';
import {
  digestTables,
  fillOrganisation,
  type Installation,
  installationSecret,
  newInstallation,
} from './installation.ts';
import { makeDataDir, runVerve, startVerve, waitForOutput } from './programs.ts';
import { expectAllZero } from './zero-list.ts';

const folder = await mkdtemp(join(tmpdir(), 'verve-backup-'));
let files = 0;
function newFile(): string {
  files += 1;
  return join(folder, `${files}.backup`);
}

async function backUp({ db }: Installation): Promise<string> {
  const file = newFile();
  await writeBackup({ adminUrl: db.adminUrl, version: '0.0.0-test', out: createWriteStream(file) });
  return file;
}

const restoreInto = ({ db }: Installation, path: string, mustPark = false) =>
  restoreBackup({ path, adminUrl: db.adminUrl, mustPark });

const confirm = ({ verve }: Installation, { orgId, code }: { orgId: string; code: string }, newMemberId: string) =>
  verve.attributions.confirmRecruitment({ orgId, actor: system, code, newMemberId });

async function expectEmpty(installation: Installation): Promise<void> {
  const filled = Object.entries(await digestTables(installation)).filter(([, held]) => !held.startsWith('0 '));
  expect(filled).toEqual([]);
}

/** Changes what is inside a backup and writes it anew. */
async function rewritten(file: string, change: (text: string) => string): Promise<string> {
  const changed = newFile();
  await writeFile(changed, gzipSync(change(gunzipSync(await readFile(file)).toString('utf8'))));
  return changed;
}

describe('a restored backup', () => {
  test('holds every row of every table as it was, behind the same schema, and goes on from there', async () => {
    const source = await newInstallation();
    const own = await fillOrganisation(source);
    await confirm(source, own, 'A-1');
    await confirm(source, own, 'A-2');
    await source.verve.attributions.reverseRecruitment({ orgId: own.orgId, actor: system, memberId: 'A-2' });
    await source.verve.privacy.eraseMember({ orgId: own.orgId, actor: system, memberId: 'A-2' });
    // Text that looks like the form itself, a row larger than any piece that is read, a click of an old month.
    const hostile = ['\\.', '\n\\.\n', '{"end":true}', '\t\\N\\\\', '𝄞 æøå'].join('\n');
    await source.db.adminPool.query('update verve.organisations set name = $2 where id = $1', [
      own.orgId,
      `x${hostile}`,
    ]);
    await source.db.adminPool.query(
      `insert into verve.inbound_messages (org_id, channel, message_id, body_digest, sealed_body) values ($1, 'neutral', 'big', sha256('x'), $2)`,
      [own.orgId, randomBytes(700_000)],
    );
    await source.db.adminPool.query(
      `select verve_private.make_click_partition('referral_clicks', '2025-03-01Z', '2025-04-01Z', '2025_03')`,
    );
    await source.db.adminPool.query(
      `insert into verve.referral_clicks (created_at, occurred_at, day, org_id, code_id, class)
       select '2025-03-14Z', '2025-03-14Z', '2025-03-14', org_id, id, 'preview' from verve.referral_codes`,
    );
    await source.db.adminPool.query(
      `insert into verve.click_counts (org_id, day, code_id, mentor_id, channel, class, hits)
       select org_id, '2025-03-14', id, mentor_id, 'unknown', 'preview', 1 from verve.referral_codes`,
    );
    await source.db.adminPool.query(
      `insert into verve_jobs.job (name, data) values ('organisation', '{"task": "import"}')`,
    );
    const file = await backUp(source);

    const target = await newInstallation();
    await restoreInto(target, file);
    expect(await digestTables(target)).toEqual(await digestTables(source));
    expect(await describeSchema(target.db.adminPool)).toBe(await describeSchema(source.db.adminPool));
    expect(await listUnguardedTables(target.db.adminPool)).toEqual([]);
    const { rows } = await target.db.adminPool.query(
      `select tableoid::regclass::text as partition from verve.referral_clicks where day = '2025-03-14'`,
    );
    expect(rows).toEqual([{ partition: 'verve.referral_clicks_2025_03' }]);

    expect(await confirm(target, own, 'A-1')).toMatchObject({ outcome: 'alreadyConfirmed' });
    expect(await confirm(target, own, 'A-3')).toMatchObject({ outcome: 'confirmed', total: 2 });
    await expectAllZero(target.db.adminPool, own.orgId);
    expect((await verify(target.verve.parts.database, own.orgId)).differences).toEqual([]);
    // Events are numbered on, and readers of the stream are shown the old ones although this cluster is younger: as soon as
    // what runs in other databases of the cluster has ended.
    const readEvents = async () => {
      const { rows } = await target.db.adminPool.query(
        `select (count(*) - count(distinct seq))::int as repeated,
          (count(*) filter (where transaction_id >= pg_snapshot_xmin(pg_current_snapshot())))::int as hidden from verve.referral_events`,
      );
      return rows[0];
    };
    await expect.poll(readEvents, { timeout: 30_000 }).toEqual({ repeated: 0, hidden: 0 });
  });

  test('is of one moment, while confirmations go on', async () => {
    const source = await newInstallation();
    const own = await fillOrganisation(source);
    let members = 0;
    const confirmNext = () => {
      members += 1;
      return confirm(source, own, `M-${members}`);
    };
    for (let made = 0; made < 20; made += 1) await confirmNext();
    let isOver = false;
    const others = Array.from({ length: 4 }, async () => {
      while (!isOver) await confirmNext();
    });
    let file = '';
    let started = 0;
    for (let round = 0; round < 5; round += 1) {
      started = members;
      file = await backUp(source);
    }
    isOver = true;
    await Promise.all(others);
    expect(members).toBeGreaterThan(started);

    const target = await newInstallation();
    await restoreInto(target, file);
    expect((await verify(target.verve.parts.database, own.orgId)).differences).toEqual([]);
    await expectAllZero(target.db.adminPool, own.orgId);
    const { rows } = await target.db.adminPool.query(
      `select (select count(*)::int from verve.attribution_facts) as facts,
        (select count(*)::int from verve.referral_attributions where is_credited) as credits,
        (select credited::int from verve.mentor_totals) as total,
        (select count(*)::int from verve.referral_events where type = 'recruitment.credited') as events`,
    );
    const { facts } = rows[0];
    expect(rows[0]).toEqual({ facts, credits: facts, total: facts, events: facts });
    expect(facts).toBeGreaterThanOrEqual(20);
    expect(facts).toBeLessThanOrEqual(members);
    // What came after the backup comes again, and is credited once.
    for (let member = 1; member <= members; member += 1) await confirm(target, own, `M-${member}`);
    expect(await source.verve.attributions.getTotalRecruitments({ ...own, actor: system })).toBe(members);
    expect(await target.verve.attributions.getTotalRecruitments({ ...own, actor: system })).toBe(members);
  });

  test('was made without anybody waiting: retention, which drops tables of clicks, waits outside', async () => {
    const source = await newInstallation();
    const own = await fillOrganisation(source);
    await source.db.adminPool.query(
      `select verve_private.make_click_partition('click_tokens', '2020-01-01Z', '2020-01-02Z', '2020_01_01')`,
    );
    const gate = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const out = new Writable({
      write: (_chunk, _encoding, done) => {
        arrived.resolve();
        void gate.promise.then(() => done());
      },
    });
    const made = writeBackup({ adminUrl: source.db.adminUrl, version: '0.0.0-test', out });
    await arrived.promise;
    const pruned = source.db.adminPool.query('select dropped from verve_private.prune_clicks()');
    const waits = `select from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`;
    while ((await source.db.adminPool.query(waits)).rowCount === 0) await sleep(10);
    expect(await confirm(source, own, 'A-1')).toMatchObject({ outcome: 'confirmed' });
    const { verve } = source;
    const clicked = await verve.clicks.recordReferralClick(own.code);
    expect(clicked).toMatchObject({ outcome: 'recorded' });
    gate.resolve();
    await made;
    expect((await pruned).rows).toEqual([{ dropped: 1 }]);
  });

  test('brings our jobs along, and none of the ticks that the scheduler notes for itself', async () => {
    const [source, target] = [await newInstallation(), await newInstallation()];
    await source.db.adminPool.query(
      `insert into verve_jobs.queue select (jsonb_populate_record(queue, '{"name": "__pgboss__send-it"}')).*
       from verve_jobs.queue where name = 'organisation'`,
    );
    for (const name of ['__pgboss__send-it', 'organisation']) {
      await source.db.adminPool.query('insert into verve_jobs.job (name) values ($1)', [name]);
    }
    await restoreInto(target, await backUp(source));
    const { rows } = await target.db.adminPool.query('select name from verve_jobs.job');
    expect(rows).toEqual([{ name: 'organisation' }]);
  });

  test('sends what waited, or holds it where that was asked for', async () => {
    const source = await newInstallation();
    await confirm(source, await fillOrganisation(source), 'A-1');
    const statuses = ({ db }: Installation) =>
      db.adminPool
        .query('select status, count(*)::int from verve.webhook_deliveries group by 1')
        .then(({ rows }) => rows);
    const [{ count }] = await statuses(source);
    const file = await backUp(source);
    const [sending, holding] = [await newInstallation(), await newInstallation()];
    expect(await restoreInto(sending, file)).toMatchObject({ pendingDeliveries: count, parkedDeliveries: 0 });
    expect(await statuses(sending)).toEqual([{ status: 'pending', count }]);
    expect(await restoreInto(holding, file, true)).toMatchObject({ pendingDeliveries: 0, parkedDeliveries: count });
    expect(await statuses(holding)).toEqual([{ status: 'parked', count }]);
  });
});

describe('nothing is written', () => {
  test('when the file is damaged, cut off, too long, or something else', async () => {
    const source = await newInstallation();
    await confirm(source, await fillOrganisation(source), 'A-1');
    const file = await backUp(source);
    const bytes = await readFile(file);
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8((flipped[bytes.length >> 1] as number) ^ 0x10, bytes.length >> 1);
    const written: Buffer[] = [bytes.subarray(0, bytes.length >> 1), bytes.subarray(0, bytes.length - 9), flipped];
    written.push(
      Buffer.concat([bytes, gzipSync('more')]),
      Buffer.from('something else'),
      Buffer.alloc(0),
      gzipSync('x\n'),
    );
    const damaged = await Promise.all(
      written.map(async (content) => {
        const path = newFile();
        await writeFile(path, content);
        return path;
      }),
    );
    // Whole as a gzip file, and still not what was backed up.
    damaged.push(
      await rewritten(file, (text) => text.replace('Lydhør', 'Lydhor')),
      await rewritten(file, (text) => text.replace(/^.*\tmembership\t.*\n/m, '')),
      await rewritten(file, (text) => text.replace(/\{"end":true.*\n/, '')),
      await rewritten(file, (text) => text.replace('{"verve_backup":1', '{"verve_backup":2')),
    );
    const target = await newInstallation();
    for (const path of damaged) {
      await expect(checkBackup(path)).rejects.toMatchObject({ code: 'unprocessable' });
      await expect(restoreInto(target, path)).rejects.toMatchObject({ code: 'unprocessable' });
    }
    await expectEmpty(target);
    await expect(checkBackup(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'not_found' });
    await restoreInto(target, file);
  });

  test('when the process is killed in the middle', async () => {
    const source = await newInstallation();
    await confirm(source, await fillOrganisation(source), 'A-1');
    const file = await backUp(source);
    const target = await newInstallation();
    // The rows of a table in the middle wait for a lock of ours.
    await target.db.adminPool.query(`
      create function public.wait_for_test() returns boolean language plpgsql as
        $$ begin perform pg_advisory_xact_lock_shared(4711); return true; end $$;
      alter table verve.referral_events add constraint waits check (public.wait_for_test())`);
    const holder = await target.db.adminPool.connect();
    await holder.query('select pg_advisory_lock(4711)');
    const program = startVerve(['restore', file], target.environment);
    const waits = `select pid from pg_locks where locktype = 'advisory' and objid = 4711 and not granted`;
    let waiting: { pid: number }[] = [];
    while (waiting.length === 0) {
      if (program.process.exitCode !== null) throw new Error(program.errors());
      await sleep(20);
      waiting = (await holder.query(waits)).rows;
    }
    program.process.kill('SIGKILL');
    expect(await program.ended).toBe(null);
    await holder.query('select pg_advisory_unlock(4711)');
    holder.release();
    const { pid } = waiting[0] as { pid: number };
    while ((await target.db.adminPool.query('select from pg_stat_activity where pid = $1', [pid])).rowCount !== 0) {
      await sleep(20);
    }
    await expectEmpty(target);
    expect(await listUnguardedTables(target.db.adminPool)).toEqual([]);
    await target.db.adminPool.query('alter table verve.referral_events drop constraint waits');
    expect(await runVerve(['restore', file], target.environment)).toMatchObject({ code: 0, errors: '' });
  });

  test('into a database that holds something, and a second time', async () => {
    const source = await newInstallation();
    await fillOrganisation(source);
    const file = await backUp(source);
    const before = await digestTables(source);
    const refused = await runVerve(['restore', file], source.environment);
    expect(refused).toMatchObject({
      code: 3,
      output: '',
      errors: expect.stringContaining('The database is not empty'),
    });
    expect(await digestTables(source)).toEqual(before);
    const target = await newInstallation();
    const both = await Promise.allSettled([restoreInto(target, file), restoreInto(target, file)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await digestTables(target)).toEqual(before);
  });

  test('with another schema, a newer one, or without the secret; each says what to do', async () => {
    const source = await newInstallation();
    await fillOrganisation(source);
    const file = await backUp(source);
    const target = await newInstallation(null);
    const run = (path: string, secret = installationSecret) =>
      runVerve(['restore', path], { ...target.environment, VERVE_SECRET: secret });
    const resealed = (change: (text: string) => string) => rewritten(file, (text) => reseal(change(text)));
    const other = await resealed((text) => text.replace(/"sha256":"[0-9a-f]{8}/, '"sha256":"00000000'));
    const newer = await resealed((text) =>
      text.replace('}],"jobs_version"', '},{"version":99,"name":"0099_later.sql","sha256":"x"}],"jobs_version"'),
    );
    expect(await run(other)).toMatchObject({
      code: 3,
      errors: expect.stringContaining('made by Verve 0.0.0-test with another'),
    });
    expect(await run(newer)).toMatchObject({
      code: 3,
      errors: expect.stringContaining('made by a newer Verve (0.0.0-test)'),
    });
    expect(await run(file, 'another-invented-secret-that-is-long-enough')).toMatchObject({
      code: 3,
      errors: expect.stringMatching(/needs the secret [0-9a-f]{8} .* not among those given/),
    });
    const { rows } = await target.db.adminPool.query(`select to_regnamespace('verve') is null as "isUntouched"`);
    expect(rows).toEqual([{ isUntouched: true }]);
    // A database without any table is migrated first.
    expect(await run(file)).toMatchObject({ code: 0, output: expect.stringContaining('Verified the organisation') });
    expect(await digestTables(target)).toEqual(await digestTables(source));
  });
});

/** Makes the last line say the digest of what is before it. */
function reseal(text: string): string {
  const end = text.indexOf('{"end":true');
  const digest = createHash('sha256').update(text.slice(0, end)).digest('hex');
  return text.slice(0, end) + text.slice(end).replace(/"sha256":"[0-9a-f]+"/, `"sha256":"${digest}"`);
}

describe('the embedded PostgreSQL', () => {
  test('is backed up beside its server, and restored into a fresh folder where a server goes on', async () => {
    const [old, fresh] = [makeDataDir(), makeDataDir()];
    try {
      const at = ({ dataDir }: { dataDir: string }) => ({ VERVE_DATA_DIR: dataDir, PORT: '0' });
      expect(await runVerve(['backup', newFile()], at(old))).toMatchObject({
        code: 2,
        errors: expect.stringContaining('There is no database in'),
      });
      const server = startVerve(['serve'], at(old));
      await waitForOutput(server, /http:\/\/127\.0\.0\.1:\d+/);
      const file = newFile();
      const ran = await runVerve(['backup', file], at(old));
      expect(ran).toMatchObject({ code: 0, output: expect.stringContaining(join(old.dataDir, 'secret')) });
      expect(await runVerve(['restore', file], at(old))).toMatchObject({
        code: 3,
        errors: expect.stringContaining('Another Verve server'),
      });
      server.process.kill('SIGTERM');
      expect(await server.ended).toBe(0);

      expect(await runVerve(['restore', file], at(fresh))).toMatchObject({
        code: 3,
        errors: expect.stringMatching(/needs the secret [0-9a-f]{8} .* which is not here/),
      });
      await mkdir(fresh.dataDir, { recursive: true });
      await copyFile(join(old.dataDir, 'secret'), join(fresh.dataDir, 'secret'));
      const restored = await runVerve(['restore', file], at(fresh));
      expect(restored).toMatchObject({ code: 0, errors: '' });
      const again = startVerve(['serve'], at(fresh));
      await waitForOutput(again, /http:\/\/127\.0\.0\.1:\d+/);
      const made = await runVerve(['code', 'list', '--json'], at(fresh));
      expect(JSON.parse(made.output)).toEqual(JSON.parse((await runVerve(['code', 'list', '--json'], at(old))).output));
      again.process.kill('SIGTERM');
      expect(await again.ended).toBe(0);
    } finally {
      await Promise.all([old.remove(), fresh.remove()]);
    }
  });
});

test('a restored backup stands also where PostgreSQL cannot count its rows afterwards', async () => {
  const source = await newInstallation();
  const own = await fillOrganisation(source);
  const file = await backUp(source);
  const target = await newInstallation();
  // Statistics over an expression are evaluated by ANALYZE alone.
  await target.db.adminPool.query(`
    create function verve_private.uncountable(text) returns text language plpgsql immutable
    as $$ begin raise exception 'cannot be counted'; end $$;
    create statistics verve.uncountable on (verve_private.uncountable(display_name)), status from verve.mentors`);
  expect(await restoreInto(target, file)).toMatchObject({ isAnalyzed: false });
  const { rows } = await target.db.adminPool.query('select org_id from verve.mentors where id = $1', [own.mentorId]);
  expect(rows).toEqual([{ org_id: own.orgId }]);
  expect(await restoreInto(await newInstallation(), file)).toMatchObject({ isAnalyzed: true });
});

describe('verve backup', () => {
  test('writes a file that only its owner may read, tells what to keep apart, and overwrites nothing', async () => {
    const source = await newInstallation();
    await fillOrganisation(source);
    const file = newFile();
    const ran = await runVerve(['backup', file, '--json'], source.environment);
    expect(ran).toMatchObject({ code: 0, errors: '' });
    const { header, rows } = await checkBackup(file);
    expect(JSON.parse(ran.output)).toMatchObject({ file, secret_place: 'VERVE_SECRET', secret_ids: header.secrets });
    expect(rows.get('verve.organisations')).toBe(1);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const again = await runVerve(['backup', file], source.environment);
    expect(again).toMatchObject({ code: 3, output: '', errors: expect.stringContaining('is there already') });
    const nowhere = await runVerve(['backup', join(folder, 'no', 'folder')], source.environment);
    expect(nowhere).toMatchObject({ code: 1, output: '' });
    expect((await readdir(folder)).filter((name) => name.includes('unfinished'))).toEqual([]);
    expect(gunzipSync(await readFile(file)).toString('utf8')).not.toContain(installationSecret);
    const whole = await runVerve(['restore', file, '--dry-run'], source.environment);
    expect(whole).toMatchObject({ code: 0, output: expect.stringContaining('Nothing was written.') });
  });

  test('that is stopped half way leaves no part of itself behind', async () => {
    const source = await newInstallation();
    await fillOrganisation(source);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const file = newFile();
      const busy = await source.db.adminPool.connect();
      await busy.query('begin; lock table verve.mentors in access exclusive mode');
      try {
        const program = startVerve(['backup', file], source.environment);
        const parts = async () => (await readdir(folder)).filter((name) => name.includes('unfinished'));
        await expect.poll(parts, { timeout: 30_000 }).toHaveLength(1);
        program.process.kill(signal);
        expect(await program.ended).toBeNull(); // ended by the signal, as without us
        expect(await parts()).toEqual([]);
        await expect(stat(file)).rejects.toThrow('ENOENT');
      } finally {
        await busy.query('rollback');
        busy.release();
      }
    }
  });

  test('of several that end at once under one name one gets it, and none is overwritten', async () => {
    for (let round = 0; round < 20; round += 1) {
      const name = newFile();
      const finished = await Promise.all(
        Array.from({ length: 8 }, async (_, number) => {
          const part = `${name}.${number}.unfinished`;
          await writeFile(part, String(number));
          return part;
        }),
      );
      const ends = await Promise.allSettled(finished.map((part) => takeName(part, name)));
      const winners = ends.flatMap(({ status }, number) => (status === 'fulfilled' ? [number] : []));
      expect(winners).toHaveLength(1);
      expect(await readFile(name, 'utf8')).toBe(String(winners[0]));
      await Promise.all(finished.map((part) => rm(part, { force: true })));
    }
  });

  test('writes to standard output alone, and tells on standard error', async () => {
    const source = await newInstallation();
    await fillOrganisation(source);
    const program = startVerve(['backup', '-'], source.environment);
    const chunks: Buffer[] = [];
    program.process.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    expect(await program.ended).toBe(0);
    expect(program.errors()).toContain('The secret is not in it.');
    const file = newFile();
    await writeFile(file, Buffer.concat(chunks));
    expect((await checkBackup(file)).end.rows).toBeGreaterThan(10);
  });

  test('ends with exit code 1 when whoever reads standard output leaves', async () => {
    const source = await newInstallation();
    await fillOrganisation(source);
    const program = startVerve(['backup', '-'], source.environment);
    program.process.stdout?.destroy();
    expect(await program.ended).toBe(1);
    expect(program.errors()).toContain('EPIPE');
  });

  test('asks for the owner, and refuses whoever would see only some of the rows', async () => {
    const { db, environment } = await newInstallation();
    const { VERVE_ADMIN_DATABASE_URL: _, ...without } = environment;
    expect(await runVerve(['backup', newFile()], without)).toMatchObject({
      code: 2,
      errors: expect.stringContaining('VERVE_ADMIN_DATABASE_URL is required'),
    });
    const asServer = { ...environment, VERVE_ADMIN_DATABASE_URL: db.appUrl };
    expect(await runVerve(['backup', newFile()], asServer)).toMatchObject({
      code: 3,
      errors: expect.stringContaining('Only the owner of the tables sees every row'),
    });
    const empty = await newInstallation(null);
    expect(await runVerve(['backup', newFile()], empty.environment)).toMatchObject({
      code: 3,
      errors: expect.stringContaining('There is nothing to back up'),
    });
  });
});

describe('whoever was erased after the backup was made', () => {
  test('is erased again from a later backup, at the same time as then; who came back stays', async () => {
    const source = await newInstallation();
    const own = await fillOrganisation(source);
    const { orgId } = own;
    const erase = (memberId: string) => source.verve.privacy.eraseMember({ orgId, actor: system, memberId });
    for (const member of ['early', 'late', 'stays']) await confirm(source, own, member);
    await erase('early');
    await sleep(5);
    await confirm(source, own, 'early'); // a later membership is a new person
    const monday = await backUp(source);
    await confirm(source, own, 'unknown then');
    for (const member of ['late', 'unknown then']) await erase(member);
    await source.verve.privacy.eraseMentor({ orgId, actor: system, mentorId: own.mentorId });
    const today = await backUp(source);

    const target = await newInstallation();
    const restored = await runVerve(['restore', monday, '--erasures-from', today], target.environment);
    expect(restored).toMatchObject({ code: 0, errors: '' });
    expect(restored.output).toContain('2 persons erased again; 3 tombstones that were missing are back.');
    const refs = (installation: Installation) =>
      installation.db.adminPool
        .query('select ref from verve.sources where ref is not null order by 1')
        .then(({ rows }) => rows.map(({ ref }) => ref));
    expect(await refs(target)).toEqual(['early', 'stays']);
    expect(await refs(source)).toEqual(['early', 'stays']);
    const tombstones = (installation: Installation) =>
      installation.db.adminPool
        .query(`select distinct encode(subject_hash, 'hex') as hash, erased_at from verve.erasures order by 1, 2`)
        .then(({ rows }) => rows);
    expect(await tombstones(target)).toEqual(await tombstones(source));
    const { rows: mentors } = await target.db.adminPool.query('select display_name, status from verve.mentors');
    expect(mentors).toEqual([{ display_name: 'Slettet', status: 'left' }]);
    const late = { orgId, actor: system, newMemberId: 'unknown then', occurredAt: new Date('2026-01-01') };
    expect(await target.verve.attributions.confirmAttribution(late)).toEqual({ outcome: 'ignoredErased' });
    expect((await verify(target.verve.parts.database, orgId)).differences).toEqual([]);

    expect(await runVerve(['privacy', 'erase-again', today], target.environment)).toMatchObject({
      code: 2,
      output: '',
    });
    const again = await runVerve(['privacy', 'erase-again', today, '--yes'], target.environment);
    expect(again).toMatchObject({ code: 0, output: expect.stringContaining('nothing to erase again') });
    const wrongWay = await runVerve(
      ['restore', today, '--erasures-from', monday],
      (await newInstallation()).environment,
    );
    expect(wrongWay).toMatchObject({ code: 3, errors: expect.stringContaining('made later') });
  });

  test('only who may erase can erase again', async () => {
    const { verve } = await newInstallation();
    const { orgId } = await fillOrganisation({ verve });
    const actor = { kind: 'key', apiKeyId: orgId, scopes: ['codes:read'] } as const;
    await expect(verve.privacy.eraseAgain({ orgId, actor, tombstones: [] })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});
