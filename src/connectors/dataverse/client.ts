import { type Columns, decodeRecord, isObject } from './column-value.ts';
import { configuredColumns, type DataverseConfiguration } from './configuration.ts';
import { DataverseError } from './dataverse-error.ts';
import { type RequestDependencies, requestJson } from './request.ts';
import { createTokenSource } from './token-source.ts';

export interface DataverseClient {
  /** Pages of rows changed at or after `since` (null = every row), oldest change first. */
  readPages(options: { since: Date | null; pageSize?: number }): AsyncGenerator<Columns[], void>;
  /** One row, or null where it is gone. `rowId` must be a GUID. */
  readRow(rowId: string): Promise<Columns | null>;
  /** Reads the given columns of the first row; tells whether table and columns exist and may be read. */
  readFirst(columns: readonly string[]): Promise<Columns | null>;
  /** Id of the Dataverse organisation behind the environment. */
  whoAmI(): Promise<string | null>;
}

export interface DataverseClientOptions {
  configuration: DataverseConfiguration;
  clientSecret: string;
  /** (Default: the platform's) */
  fetch?: typeof globalThis.fetch;
  /** (Default: the system clock) */
  now?: () => Date;
  /** (Default: a timer) */
  sleep?: (milliseconds: number) => Promise<void>;
  /** (Default: 5) */
  maxTries?: number;
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Reads an organisation's membership table through the Dataverse Web API with `fetch` alone, so that it runs in Node,
 * Deno and workers. Only reads; safe to repeat. Throws `DataverseError`. Source: membership-systems §1.4.
 */
export function createDataverseClient(options: DataverseClientOptions): DataverseClient {
  const { configuration, clientSecret, fetch = globalThis.fetch, now = () => new Date() } = options;
  if (configuration.tenantId === null || configuration.clientId === null) {
    throw new DataverseError(
      'credentials_refused',
      'Reading needs tenantId and clientId: add them to the configuration.',
    );
  }
  const dependencies: RequestDependencies = {
    tokens: createTokenSource({ configuration, clientSecret, fetch, now }),
    fetch,
    now,
    sleep: options.sleep ?? ((milliseconds) => new Promise((done) => setTimeout(done, milliseconds))),
    maxTries: options.maxTries ?? 5,
  };
  const base = `${configuration.environmentUrl}/api/data/${configuration.apiVersion}`;
  const select = (columns: readonly string[]) =>
    `$select=${columns.map((name) => (name === configuration.memberLookup ? `_${name}_value` : name)).join(',')}`;
  const get = (address: string, pageSize: number | null = null) =>
    requestJson(address, requestHeaders(pageSize), dependencies);

  return {
    async *readPages({ since, pageSize = 500 }) {
      const filter = pageFilter(configuration, since);
      const order = `$orderby=${encodeURIComponent(`${configuration.modifiedAt} asc,${configuration.id} asc`)}`;
      const query = [select(configuredColumns(configuration)), filter, order].filter((part) => part !== null);
      let address: string | null = `${base}/${configuration.entitySet}?${query.join('&')}`;
      while (address !== null) {
        const page: Record<string, unknown> = await get(address, pageSize);
        yield rowsOf(page);
        address = nextLink(page, configuration.environmentUrl);
      }
    },
    async readRow(rowId) {
      if (!GUID.test(rowId)) return null;
      try {
        const columns = select(configuredColumns(configuration));
        return decodeRecord(await get(`${base}/${configuration.entitySet}(${rowId})?${columns}`));
      } catch (error) {
        if (error instanceof DataverseError && error.fault === 'not_found') return null;
        throw error;
      }
    },
    async readFirst(columns) {
      return rowsOf(await get(`${base}/${configuration.entitySet}?${select(columns)}`, 1))[0] ?? null;
    },
    async whoAmI() {
      const { OrganizationId: organizationId } = await get(`${base}/WhoAmI`);
      return typeof organizationId === 'string' ? organizationId.toLowerCase() : null;
    },
  };
}

function requestHeaders(pageSize: number | null): Record<string, string> {
  const headers = { accept: 'application/json', 'odata-maxversion': '4.0', 'odata-version': '4.0' };
  return pageSize === null ? headers : { ...headers, prefer: `odata.maxpagesize=${pageSize}` };
}

/** Whole seconds, rounded down, because that is all the Web API's timestamps have. */
function pageFilter(configuration: DataverseConfiguration, since: Date | null): string | null {
  const terms: string[] = [];
  if (since !== null) terms.push(`${configuration.modifiedAt} ge ${since.toISOString().slice(0, 19)}Z`);
  if (configuration.readRows === 'with_code') {
    const names = [configuration.referralCode, configuration.registrationRef].filter((name) => name !== null);
    const marked = names.map((name) => `${name} ne null`).join(' or ');
    terms.push(names.length > 1 ? `(${marked})` : marked);
  }
  return terms.length === 0 ? null : `$filter=${encodeURIComponent(terms.join(' and '))}`;
}

function rowsOf(page: Record<string, unknown>): Columns[] {
  if (!Array.isArray(page.value)) {
    throw new DataverseError('unexpected_answer', 'Dataverse answered without rows: check entitySet.');
  }
  return page.value.filter(isObject).map(decodeRecord);
}

/** The next page's address, verbatim: it is already encoded. It must lie in the same environment. */
function nextLink(page: Record<string, unknown>, environmentUrl: string): string | null {
  const link = page['@odata.nextLink'];
  if (link === undefined || link === null) return null;
  if (typeof link !== 'string' || !URL.canParse(link) || new URL(link).origin !== new URL(environmentUrl).origin) {
    throw new DataverseError('foreign_next_link', 'The next page lies outside the environment; it was not followed.');
  }
  return link;
}
