import type { FactKind } from '../attributions/fact.ts';
import type { Session } from '../database.ts';

export type ImportStatus = 'waiting' | 'running' | 'succeeded' | 'failed';

/** How the file is to be read: fixed when it was uploaded. */
export interface ImportReading {
  timeZone: string;
  statusMap: Readonly<Record<string, FactKind>>;
  defaultStatus: FactKind | null;
  ignoreUnknownColumns: boolean;
}

/** A line that somebody should look at. No member id, no code. */
export interface ImportLine {
  line: number;
  result: string;
  explanation: string;
}

/** What became of the lines that are done. */
export interface ImportReport {
  counts: Record<string, number>;
  /** How many lines ended in each result. */
  results: Record<string, number>;
  /** The first that somebody should look at. */
  lines: ImportLine[];
  ignoredColumns: string[];
}

/** An uploaded file that is worked through in the background, or has been. */
export interface StoredImport {
  importId: string;
  status: ImportStatus;
  isPreview: boolean;
  createdAt: Date;
  startedAt: Date | null; // null = nobody has begun
  finishedAt: Date | null; // null = not done
  linesDone: number;
  /** Counted by line breaks until the file is done. */
  totalLines: number;
  report: ImportReport;
  errorCode: string | null;
  errorDetail: string | null;
}

const columns = `
  imports.id as "importId", imports.status, imports.is_preview as "isPreview", imports.created_at as "createdAt",
  imports.started_at as "startedAt", imports.finished_at as "finishedAt", imports.lines_done as "linesDone",
  imports.total_lines as "totalLines", imports.report, imports.error_code as "errorCode", imports.error_detail as "errorDetail"`;

const noReport: ImportReport = { counts: {}, results: {}, lines: [], ignoredColumns: [] };

export async function insertImport(
  session: Session,
  stored: {
    importId: string;
    actor: string;
    isPreview: boolean;
    reading: ImportReading;
    sealedFile: Uint8Array;
    totalLines: number;
  },
): Promise<StoredImport> {
  const rows = await session.query<StoredImport>(
    `insert into verve.imports (id, org_id, actor, is_preview, reading, sealed_file, total_lines, report)
     values ($2, $1, $3, $4, $5, $6, $7, $8) returning ${columns}`,
    [
      session.orgId,
      stored.importId,
      stored.actor,
      stored.isPreview,
      JSON.stringify(stored.reading),
      stored.sealedFile,
      stored.totalLines,
      JSON.stringify(noReport),
    ],
  );
  return rows[0] as StoredImport;
}

/** null = none of this organisation. */
export async function findImport(session: Session, importId: string): Promise<StoredImport | null> {
  const text = `select ${columns} from verve.imports where imports.org_id = $1 and imports.id = $2`;
  return (await session.query<StoredImport>(text, [session.orgId, importId]))[0] ?? null;
}

/** The newest, newest first. */
export function listImports(session: Session, limit: number): Promise<StoredImport[]> {
  const text = `select ${columns} from verve.imports where imports.org_id = $1
    order by imports.created_at desc, imports.id desc limit $2`;
  return session.query<StoredImport>(text, [session.orgId, limit]);
}

/** A file that this process works through for a minute; what it does meanwhile prolongs that. */
export interface ClaimedRow {
  importId: string;
  actor: string;
  isPreview: boolean;
  reading: ImportReading;
  createdAt: Date;
  sealedFile: Uint8Array;
  /** For each lane how many parts of the file are done. */
  partsDone: number[];
}

const endHopelessSql = `
update verve.imports set status = 'failed', finished_at = verve.clock(), claimed_until = null, sealed_file = null,
  error_code = 'fault', error_detail = 'It was tried several times and got no further. What was imported stays.'
where org_id = $1 and status = 'running' and claimed_until < verve.clock() and attempts >= 5`;

const claimSql = `
update verve.imports set status = 'running', attempts = imports.attempts + 1, claimed_until = verve.clock() + interval '1 minute',
  started_at = coalesce(imports.started_at, verve.clock())
where imports.org_id = $1 and imports.id = (
  select waiting.id from verve.imports as waiting
  where waiting.org_id = $1 and ($2::uuid is null or waiting.id = $2)
    and (waiting.status = 'waiting' or waiting.status = 'running' and waiting.claimed_until < verve.clock())
  order by waiting.created_at, waiting.id limit 1 for update skip locked)
returning imports.id as "importId", imports.actor, imports.is_preview as "isPreview", imports.reading,
  imports.created_at as "createdAt", imports.sealed_file as "sealedFile", imports.parts_done as "partsDone"`;

/** Takes the one asked for, or (null) the oldest, that nobody is at; null = there is none. */
export async function claimImport(session: Session, importId: string | null): Promise<ClaimedRow | null> {
  await session.query(endHopelessSql, [session.orgId]);
  return (await session.query<ClaimedRow>(claimSql, [session.orgId, importId]))[0] ?? null;
}

const lockSql = `
select imports.report, imports.parts_done as "partsDone" from verve.imports
where imports.org_id = $1 and imports.id = $2 and imports.status = 'running' for update`;

/** Locks what is done so far; null = another process has ended it. */
export async function lockProgress(
  session: Session,
  importId: string,
): Promise<{ report: ImportReport; partsDone: number[] } | null> {
  const rows = await session.query<{ report: ImportReport; partsDone: number[] }>(lockSql, [session.orgId, importId]);
  return rows[0] ?? null;
}

const progressSql = `
update verve.imports set report = $3, parts_done = $4, lines_done = lines_done + $5, attempts = 0,
  claimed_until = verve.clock() + interval '1 minute'
where org_id = $1 and id = $2`;

export async function writeProgress(
  session: Session,
  progress: { importId: string; report: ImportReport; partsDone: readonly number[]; lines: number },
): Promise<void> {
  const { importId, report, partsDone, lines } = progress;
  await session.query(progressSql, [session.orgId, importId, JSON.stringify(report), partsDone, lines]);
}

const endSql = `
update verve.imports set status = case when $3::text is null then 'succeeded' else 'failed' end, finished_at = verve.clock(),
  claimed_until = null, sealed_file = null, error_code = $3, error_detail = $4,
  report = jsonb_set(report, '{ignoredColumns}', $5::jsonb), total_lines = greatest(lines_done, case when $3::text is null then 0 else total_lines end)
where org_id = $1 and id = $2 and status = 'running'`;

/** Ends it and deletes the file. Repeating it changes nothing. */
export async function endImport(
  session: Session,
  end: { importId: string; error: { code: string; detail: string } | null; ignoredColumns: readonly string[] },
): Promise<void> {
  const { importId, error, ignoredColumns } = end;
  const values = [importId, error?.code ?? null, error?.detail ?? null, JSON.stringify(ignoredColumns)];
  await session.query(endSql, [session.orgId, ...values]);
}

/** Lets another process go on at once. */
export async function releaseImport(session: Session, importId: string): Promise<void> {
  await session.query(
    `update verve.imports set status = 'waiting', claimed_until = null where org_id = $1 and id = $2 and status = 'running'`,
    [session.orgId, importId],
  );
}
