import { z } from '@hono/zod-openapi';
import { type CsvValue, csvLine } from '../connectors/csv/write-csv.ts';
import { recordAction } from '../engine/audit/record-action.ts';
import type { Session } from '../engine/database.ts';
import { VerveError } from '../engine/errors.ts';
import { inOrganisation } from '../engine/parts.ts';
import type { ReportInput, ReportsService } from '../engine/reports/service.ts';
import { callersWho } from './access.ts';
import { isOnlyMentor } from './attribution-form.ts';
import { day, dayShown, timeOrNull, uuid } from './lists/schemas.ts';
import { type Answer, type Incoming, operation } from './operation.ts';
import { requireAnywhere } from './permission-anywhere.ts';
import { toWire } from './wire.ts';

const tag = 'Reports';
const access = callersWho('report.read');
const dayMs = 86_400_000;

const range = {
  from: day
    .optional()
    .openapi({ description: 'First day, in the organisation’s time zone. (Default: 29 days before today)' }),
  to: day
    .optional()
    .openapi({ description: 'The day after the last one; at most 366 days later. (Default: tomorrow)' }),
};
const form = {
  format: z.enum(['json', 'csv']).optional().openapi({ description: '(Default: json)' }),
  delimiter: z
    .enum(['comma', 'semicolon'])
    .optional()
    .openapi({ description: 'For CSV; Norwegian spreadsheets open `semicolon` by themselves. (Default: comma)' }),
};
const narrowed = {
  mentor_id: uuid.optional(),
  branch_id: uuid.optional().openapi({ description: 'With everything below it.' }),
};

const rangeSchema = z.object({ from_day: dayShown, to_day: dayShown }).openapi('DayRange');
const stages = {
  shared: z.int(),
  clicked: z.int(),
  joined: z.int(),
  registered: z.int(),
  confirmed: z.int(),
  credited: z.int(),
};

const funnelSchema = z
  .object({
    range: rangeSchema,
    before: rangeSchema,
    steps: z.array(
      z.object({
        stage: z.enum(['shared', 'clicked', 'registered', 'confirmed', 'credited']),
        count: z.int(),
        count_before: z.int(),
        drop_off_percent: z
          .number()
          .nullable()
          .openapi({ description: 'null = “–”: the first stage, after 0, or more than before it.' }),
        median_seconds: z.number().nullable(),
      }),
    ),
    joined: z.int(),
    joined_before: z.int(),
    credited_without_click: z.int(),
    machines: z.object({ previews: z.int(), prefetches: z.int(), crawlers: z.int(), others: z.int() }),
  })
  .openapi('FunnelReport');
const mentorRow = z
  .object({
    mentor_id: z.string(),
    display_name: z.string(),
    branch_id: z.string().nullable(),
    status: z.enum(['active', 'paused', 'left']),
    ...stages,
    credited_without_click: z.int(),
    conversion_rate: z.number(),
    last_shared_at: timeOrNull.openapi({ description: 'Also outside the range; null = has never shared.' }),
  })
  .openapi('MentorReportRow');
const branchRow = z
  .object({
    branch_id: z.string().nullable(),
    name: z.string().nullable(),
    parent_id: z.string().nullable(),
    kind: z.string().nullable(),
    mentors: z.int(),
    ...stages,
    conversion_rate: z.number(),
  })
  .openapi('BranchReportRow');
const { confirmed: _, ...channelStages } = stages;
const channelRow = z.object({ channel: z.string(), ...channelStages }).openapi('ChannelReportRow');
const timelineRow = z.object({ day: dayShown, ...stages }).openapi('TimelineReportRow');

type Query = z.output<typeof rangeQuery>;
const rangeQuery = z.object({ ...range, ...form, ...narrowed });
type Reader = ReturnType<ReportsService['within']>;

/** The days asked for, or the last thirty of the organisation. */
async function inputOf(incoming: Incoming<undefined, Partial<Query>, undefined>): Promise<ReportInput> {
  const { runtime, orgId, query } = incoming;
  const organisation = await runtime.verve.organisations.recent(orgId);
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: organisation?.timeZone ?? 'Europe/Oslo' }).format(
    runtime.now(),
  );
  const shift = (days: number) => new Date(Date.parse(`${today}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
  return {
    fromDay: query.from ?? shift(-29),
    toDay: query.to ?? shift(1),
    mentorId: query.mentor_id ?? null,
    branchIds: query.branch_id === undefined ? null : [query.branch_id],
  };
}

/** Reads a report as the caller may see it: a person under row-level security, a key as the engine. */
async function read<Result>(
  incoming: Incoming<undefined, Partial<Query>, undefined>,
  work: (reader: Reader, input: ReportInput) => Promise<Result>,
): Promise<Result> {
  requireAnywhere(incoming.actor, 'report.read');
  if (isOnlyMentor(incoming)) {
    throw new VerveError(
      'forbidden',
      'A mentor’s own figures are under /referral-attributions/mentor/{mentorId}/stats.',
    );
  }
  const input = await inputOf(incoming);
  const { orgId, actor, runtime, request, query } = incoming;
  const { reports, parts } = runtime.verve;
  const found = await incoming.read((session: Session) => work(reports.within(session, orgId), input));
  if (query.format === 'csv') {
    const details = { report: new URL(request.url).pathname.split('/').at(-1) };
    await inOrganisation(parts, { orgId }, (session) =>
      recordAction(session, { actor, action: 'report.download', subjectId: orgId, details }),
    );
  }
  return found;
}

/** Rows as JSON, or as a file that a spreadsheet opens without running anything in it. */
function answerRows(query: Partial<Query>, name: string, rows: readonly object[], columns: readonly string[]): Answer {
  const shown = rows.map((row) => toWire(row) as Record<string, unknown>);
  if (query.format !== 'csv') return { status: 200, body: { data: shown } };
  const delimiter = query.delimiter === 'semicolon' ? ';' : ',';
  const lines = shown.map((row) =>
    csvLine(
      columns.map((column) => cellOf(row[column])),
      delimiter,
    ),
  );
  return {
    status: 200,
    raw: `\ufeff${csvLine(columns, delimiter)}${lines.join('')}`,
    headers: { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': `attachment; filename="${name}.csv"` },
  };
}

function cellOf(value: unknown): CsvValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value instanceof Date)
    return value;
  return JSON.stringify(value);
}

function rowsForm(row: z.ZodObject, description: string) {
  return {
    200: {
      description: `${description} With \`format=csv\` as text/csv.`,
      schema: z.object({ data: z.array(row) }),
      textType: 'text/csv',
    },
  };
}

const problems = ['invalid_range'] as const;

export const reports = [
  operation({
    id: 'getFunnelReport',
    method: 'get',
    path: '/api/v1/reports/funnel',
    tag,
    summary: 'The funnel',
    description:
      'Shared, clicked, registered, confirmed, credited, each by its own day, with the period before. Exact, including the click just made.',
    access,
    query: rangeQuery,
    answers: {
      200: {
        description: 'The funnel. With `format=csv` its steps as text/csv.',
        schema: funnelSchema,
        textType: 'text/csv',
      },
    },
    problems,
    handle: async (incoming) => {
      const funnel = await read(incoming, (reader, input) => reader.funnel(input));
      const columns = ['stage', 'count', 'count_before', 'drop_off_percent', 'median_seconds'];
      if (incoming.query.format === 'csv') return answerRows(incoming.query, 'funnel', funnel.steps, columns);
      return { status: 200, body: toWire(funnel) };
    },
  }),
  operation({
    id: 'getMentorsReport',
    method: 'get',
    path: '/api/v1/reports/mentors',
    tag,
    summary: 'Per mentor',
    description: 'Ordered by credited, then rate, then id; or by rate first.',
    access,
    query: z.object({ ...range, ...form, ...narrowed, sort: z.enum(['credited', 'rate']).optional() }),
    answers: rowsForm(mentorRow, 'One row per mentor.'),
    problems,
    handle: async (incoming) => {
      const rows = await read(incoming, (reader, input) => reader.mentors({ ...input, sort: incoming.query.sort }));
      return answerRows(incoming.query, 'mentors', rows, Object.keys(mentorRow.shape));
    },
  }),
  operation({
    id: 'getBranchesReport',
    method: 'get',
    path: '/api/v1/reports/branches',
    tag,
    summary: 'Per branch',
    description: 'Each with its own figures, without those below it.',
    access,
    query: z.object({ ...range, ...form, branch_id: narrowed.branch_id }),
    answers: rowsForm(branchRow, 'One row per branch.'),
    problems,
    handle: async (incoming) => {
      const rows = await read(incoming, (reader, input) => reader.branches(input));
      return answerRows(incoming.query, 'branches', rows, Object.keys(branchRow.shape));
    },
  }),
  operation({
    id: 'getChannelsReport',
    method: 'get',
    path: '/api/v1/reports/channels',
    tag,
    summary: 'Per channel',
    access,
    query: z.object({ ...range, ...form, branch_id: narrowed.branch_id }),
    answers: rowsForm(channelRow, 'One row per channel.'),
    problems,
    handle: async (incoming) => {
      const rows = await read(incoming, (reader, input) => reader.channels(input));
      return answerRows(incoming.query, 'channels', rows, Object.keys(channelRow.shape));
    },
  }),
  operation({
    id: 'getTimelineReport',
    method: 'get',
    path: '/api/v1/reports/timeline',
    tag,
    summary: 'Per day',
    description: 'One row a day, without gaps.',
    access,
    query: rangeQuery,
    answers: rowsForm(timelineRow, 'One row per day.'),
    problems,
    handle: async (incoming) => {
      const rows = await read(incoming, (reader, input) => reader.timeline(input));
      return answerRows(incoming.query, 'timeline', rows, Object.keys(timelineRow.shape));
    },
  }),
];
