import type { DataverseClient } from './client.ts';
import { configuredColumns, type DataverseConfiguration } from './configuration.ts';
import { DataverseError } from './dataverse-error.ts';
import { readRow } from './read-row.ts';

/** One step of the check. `message` says what was found, or what is wrong and what to do. */
export interface CheckStep {
  step: 'credentials' | 'organisation' | 'table' | 'columns' | 'page';
  ok: boolean;
  message: string;
}

type Finding = { ok: boolean; message: string };

/**
 * Tries, in order, credentials, organisation, table, columns and one page, and says what is wrong. Stops at the first
 * step that fails. Only reads; safe to repeat.
 */
export async function checkDataverse(input: {
  readonly client: DataverseClient;
  readonly configuration: DataverseConfiguration;
  readonly timeZone: string;
  readonly now: Date;
}): Promise<CheckStep[]> {
  const { client, configuration } = input;
  const steps: CheckStep[] = [];
  const attempt = async (step: CheckStep['step'], work: () => Promise<Finding>): Promise<boolean> => {
    const finding = await work().catch((error: unknown) => {
      if (!(error instanceof DataverseError)) throw error;
      return { ok: false, message: error.message };
    });
    steps.push({ step, ...finding });
    return finding.ok;
  };
  let organizationId: string | null = null;
  const isAllGood =
    (await attempt('credentials', async () => {
      organizationId = await client.whoAmI();
      return { ok: true, message: 'Entra gave a token and Dataverse took it.' };
    })) &&
    (await attempt('organisation', async () => compareOrganisation(configuration.organizationId, organizationId))) &&
    (await attempt('table', async () => {
      await client.readFirst([configuration.id]);
      return { ok: true, message: `${configuration.entitySet} can be read.` };
    })) &&
    (await attempt('columns', () => tryColumns(client, configuredColumns(configuration))));
  if (isAllGood) await attempt('page', () => tryPage(input));
  return steps;
}

function compareOrganisation(expected: string | null, found: string | null): Finding {
  if (expected === null) {
    return {
      ok: true,
      message: `The environment is organisation ${found}. Set organizationId to it, to refuse others.`,
    };
  }
  if (expected === found) return { ok: true, message: 'The environment is the expected organisation.' };
  return { ok: false, message: `The environment is organisation ${found}, the configuration says ${expected}.` };
}

/** Asks for all columns at once, and where that is refused for one after another, to name the ones at fault. */
async function tryColumns(client: DataverseClient, columns: readonly string[]): Promise<Finding> {
  const isRefused = (error: unknown) => error instanceof DataverseError && error.fault === 'query_refused';
  try {
    await client.readFirst(columns);
    return { ok: true, message: `All ${columns.length} columns can be read.` };
  } catch (error) {
    if (!isRefused(error)) throw error;
  }
  const unknown: string[] = [];
  for (const column of columns) {
    try {
      await client.readFirst([column]);
    } catch (error) {
      if (!isRefused(error)) throw error;
      unknown.push(column);
    }
  }
  return { ok: false, message: `Dataverse knows no column ${unknown.join(', ')}: check the logical names.` };
}

async function tryPage(input: Parameters<typeof checkDataverse>[0]): Promise<Finding> {
  const { client, configuration, timeZone, now } = input;
  const { value } = await client.readPages({ since: null, pageSize: 100 }).next();
  const rows = value ?? [];
  if (rows.length === 0) return { ok: true, message: 'The page is empty: no membership carries a code yet.' };
  const context = { timeZone, readAt: now, source: 'poll' as const, sourceRef: null };
  const readings = rows.map((row) => ({ row, reading: readRow(row, configuration, context) }));
  const incomplete = readings.find(({ reading }) => reading.outcome === 'incomplete')?.reading;
  if (incomplete?.outcome === 'incomplete' && readings.every(({ reading }) => reading.outcome === 'incomplete')) {
    return { ok: false, message: `${incomplete.missing.join(' and ')} is empty in all rows: check the names.` };
  }
  const unmapped = readings.filter(({ reading }) => reading.outcome === 'ignored');
  const values = [...new Set(unmapped.map(({ row }) => String(row.get(configuration.status))))].slice(0, 10);
  const note = values.length === 0 ? '' : ` Not in statusMap, and passed over: ${values.join(', ')}.`;
  return {
    ok: true,
    message: `${rows.length} rows read, ${rows.length - unmapped.length} with a known status.${note}`,
  };
}
