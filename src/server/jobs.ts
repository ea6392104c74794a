import type { Pool } from 'pg';
import { type Job, PgBoss } from 'pg-boss';
import { SpanKind, traced } from '../engine/tracing.ts';
import { QUEUES } from './install-jobs.ts';
import { JOBS_SCHEMA } from './jobs-repository.ts';

/** Something that is done again and again, or that takes long. Calls one function of the engine. */
export interface Task {
  readonly name: string;
  /** When it starts, as cron in {@link TIME_ZONE}; null = only when asked for. */
  readonly cron: string | null;
  /** Whether it runs once for the installation, or once for each organisation. */
  readonly scope: 'installation' | 'organisation';
  /** Safe to repeat: a server may die in the middle of it. `subjectId` is what it was asked for, such as an import. */
  readonly run: (call: { orgId: string; subjectId: string | null; signal: AbortSignal }) => Promise<unknown>;
}

/** What `startJobs` needs to know. */
export interface JobsOptions {
  readonly pool: Pool;
  readonly tasks: readonly Task[];
  /** The organisations for which the tasks of that scope run. */
  readonly listOrganisations: () => Promise<string[]>;
  readonly onFault: (fault: { task: string; orgId: string | null; error: unknown }) => void;
  /** Told when a task has ended well. */
  readonly onDone?: (done: { task: string; orgId: string | null; durationMs: number }) => void;
  /** How often each server looks for jobs. (Default: 2) */
  readonly pollSeconds?: number;
  /** Jobs of organisations that one server does at once. (Default: 2) */
  readonly concurrency?: number;
}

/** The scheduler of one server. Any number of servers share the jobs: each runs once. */
export interface Jobs {
  /** Starts a task now; null when the same is waiting or running already. */
  runNow(task: string, target?: { orgId?: string; subjectId?: string }): Promise<string | null>;
  /** What is planned, for the doctor. */
  plans(): Promise<{ task: string; cron: string }[]>;
  /** Takes nothing new and waits for what runs, up to 20 seconds; the rest is taken up by another server. */
  stop(): Promise<void>;
}

/** The zone in which tasks are planned: that of the organisations Verve is made for. */
const TIME_ZONE = 'Europe/Oslo';
const STOP_TIMEOUT_MS = 20_000;

/** The whole payload of a job: a task's name and ids, never anything about persons. */
interface Payload {
  task: string;
  orgId?: string;
  subjectId?: string;
}

function ofQueue(name: string) {
  return {
    'messaging.system': 'pg-boss',
    'messaging.operation.type': 'process',
    'messaging.destination.name': name,
  };
}

/**
 * Starts taking jobs, and plans the recurring tasks. The database must have been migrated: the server's role may use
 * the jobs but change none of their tables. Safe to call in every server.
 */
export async function startJobs(options: JobsOptions): Promise<Jobs> {
  const { pool, tasks, onFault, pollSeconds = 2, concurrency = 2 } = options;
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    schema: JOBS_SCHEMA,
    migrate: false,
    createSchema: false,
    reindex: false,
    monitorVacuum: false,
  });
  boss.on('error', (error) => onFault({ task: 'scheduler', orgId: null, error }));
  await boss.start();

  async function perform(job: Job<Payload>): Promise<void> {
    const { task: name, orgId, subjectId } = job.data;
    const task = byName.get(name);
    if (task === undefined) return; // planned by a version of Verve that this one does not know
    if (task.scope === 'organisation' && orgId === undefined) return fanOut(task);
    const startedAt = performance.now();
    try {
      await traced({ name: `task ${name}`, kind: SpanKind.CONSUMER, attributes: ofQueue(job.name) }, () =>
        task.run({ orgId: orgId ?? '', subjectId: subjectId ?? null, signal: job.signal }),
      );
    } catch (error) {
      onFault({ task: name, orgId: orgId ?? null, error });
      throw new Error(error instanceof Error ? error.name : 'unknown'); // kept with the job: no message, no data
    }
    options.onDone?.({ task: name, orgId: orgId ?? null, durationMs: performance.now() - startedAt });
  }

  async function fanOut(task: Task): Promise<void> {
    for (const orgId of await options.listOrganisations()) await send(task.name, { orgId });
  }

  function send(task: string, target: { orgId?: string; subjectId?: string }): Promise<string | null> {
    const queue = target.orgId === undefined ? QUEUES.recurring : QUEUES.organisation;
    const payload: Payload = { task, ...target };
    return boss.send(queue, payload, {
      singletonKey: [task, target.orgId, target.subjectId].filter(Boolean).join(':'),
    });
  }

  const takeOne = async ([job]: Job<Payload>[]): Promise<void> => {
    if (job !== undefined) await perform(job);
  };
  const polling = { pollingIntervalSeconds: pollSeconds, batchSize: 1 };
  await boss.work<Payload>(QUEUES.recurring, { ...polling, localConcurrency: 2 }, takeOne);
  await boss.work<Payload>(QUEUES.organisation, { ...polling, localConcurrency: concurrency }, takeOne);
  await plan(boss, tasks);

  return {
    async runNow(name, target = {}) {
      if (!byName.has(name)) throw new RangeError(`There is no task ${name}.`);
      return send(name, target);
    },
    async plans() {
      const schedules = await boss.getSchedules(QUEUES.recurring);
      return schedules.map(({ key, cron }) => ({ task: key, cron }));
    },
    async stop() {
      await boss.stop({ graceful: true, timeout: STOP_TIMEOUT_MS });
    },
  };
}

/** Plans what has a time. What another version planned stays: the versions of a rolling upgrade run side by side. */
async function plan(boss: PgBoss, tasks: readonly Task[]): Promise<void> {
  const known = await boss.getSchedules(QUEUES.recurring);
  for (const { name, cron } of tasks) {
    if (cron === null || known.some((schedule) => schedule.key === name && schedule.cron === cron)) continue;
    const options = { key: name, tz: TIME_ZONE, singletonKey: name, missed: 'once' } as const;
    await boss.schedule(QUEUES.recurring, cron, { task: name }, options);
  }
}
