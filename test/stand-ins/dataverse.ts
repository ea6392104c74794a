/**
 * A stand-in for Dataverse and Entra on loopback (development only), faithful to membership-systems §1.4 and §8: real
 * HTTP, tokens that end, paging by an encoded skip token that must come back verbatim, and faults that can be planted.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { applyQuery, BadQuery, type Row, selectColumns } from './odata-query.ts';

export interface DataverseFaults {
  /** So many of the next data requests are answered 429 with this `Retry-After`. */
  throttle: { count: number; retryAfter: string };
  /** So many of the next data requests are answered 503. */
  unavailable: number;
  /** So many of the next data answers break off in the middle. */
  truncated: number;
  /** So many of the next data connections are cut without an answer. */
  cut: number;
  /** Next links point to this origin. */
  foreignNextLink: string | null;
  /** The token in use is refused after so many more data requests. */
  tokenEndsAfter: number | null;
  /** Every token is refused. */
  tokensRefused: boolean;
  /** Runs after each page was made, before it is sent: rows can change between pages. */
  afterPage: (() => void) | null;
}

export interface DataverseStandIn {
  /** Serves as environment and as authority. */
  url: string;
  host: string;
  tenantId: string;
  clientId: string;
  clientSecret: string;
  organizationId: string;
  /** The table, by primary key. */
  rows: Map<string, Row>;
  faults: DataverseFaults;
  counts: { tokens: number; requests: number; pages: number };
  /** Whether the role allows to read. */
  mayRead: boolean;
  close(): Promise<void>;
}

const SET = 'hlf_memberships';
const ID = 'hlf_membershipid';
const COLUMNS = new Set([
  ID,
  'hlf_referralcode',
  'hlf_registrationref',
  '_hlf_member_value',
  'hlf_membernumber',
  'statuscode',
  'createdon',
  'modifiedon',
  'hlf_paidon',
]);

export async function startDataverse(): Promise<DataverseStandIn> {
  const tokens = new Set<string>();
  const issuedLinks = new Set<string>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) =>
      reply(response, 500, { error: { code: '', message: String(error) } }),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const standIn: DataverseStandIn = {
    url: `http://${host}`,
    host,
    tenantId: randomUUID(),
    clientId: randomUUID(),
    clientSecret: 'a secret/with+signs=&and%spaces',
    organizationId: randomUUID(),
    rows: new Map(),
    faults: {
      throttle: { count: 0, retryAfter: '1' },
      unavailable: 0,
      truncated: 0,
      cut: 0,
      foreignNextLink: null,
      tokenEndsAfter: null,
      tokensRefused: false,
      afterPage: null,
    },
    counts: { tokens: 0, requests: 0, pages: 0 },
    mayRead: true,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const target = request.url ?? '/';
    if (target === `/${standIn.tenantId}/oauth2/v2.0/token` && request.method === 'POST') {
      return giveToken(new URLSearchParams(await readAll(request)), response);
    }
    standIn.counts.requests += 1;
    const { faults } = standIn;
    if (faults.cut > 0) {
      faults.cut -= 1;
      request.socket.destroy();
      return;
    }
    if (faults.throttle.count > 0) {
      faults.throttle.count -= 1;
      const message = 'Number of requests exceeded the limit of 6000 over time window of 300 seconds.';
      response.setHeader('retry-after', faults.throttle.retryAfter);
      return reply(response, 429, { error: { code: '0x80072322', message } });
    }
    if (faults.unavailable > 0) {
      faults.unavailable -= 1;
      return reply(response, 503, { error: { code: '', message: 'Service unavailable' } });
    }
    if (faults.tokenEndsAfter !== null && faults.tokenEndsAfter-- === 0) {
      faults.tokenEndsAfter = null;
      tokens.clear();
    }
    if (faults.tokensRefused || !tokens.has(String(request.headers.authorization).replace(/^Bearer /, ''))) {
      return reply(response, 401, { error: { code: '', message: 'Unauthorized' } });
    }
    if (target === '/api/data/v9.2/WhoAmI') return reply(response, 200, { OrganizationId: standIn.organizationId });
    if (!standIn.mayRead) return reply(response, 403, { error: { code: '0x80040220', message: 'Missing privilege' } });
    const single = /^\/api\/data\/v9\.2\/(\w+)\(([0-9a-f-]{36})\)(?:\?(.*))?$/i.exec(target);
    if (single) return giveRow(single[1] ?? '', single[2] ?? '', new URLSearchParams(single[3] ?? ''), response);
    const [path, search = ''] = target.split('?');
    if (path !== `/api/data/v9.2/${SET}`)
      return reply(response, 404, { error: { code: '0x80060888', message: 'Resource not found' } });
    return givePage(target, search, String(request.headers.prefer ?? ''), response);
  }

  function giveToken(form: URLSearchParams, response: ServerResponse): unknown {
    standIn.counts.tokens += 1;
    const refuse = (status: number, error: string, code: number) =>
      reply(response, status, { error, error_description: `AADSTS${code}: refused`, error_codes: [code] });
    if (form.get('grant_type') !== 'client_credentials') return refuse(400, 'unsupported_grant_type', 70003);
    if (form.get('scope') !== `${standIn.url}/.default`) return refuse(400, 'invalid_scope', 70011);
    if (form.get('client_id') !== standIn.clientId || form.get('client_secret') !== standIn.clientSecret) {
      return refuse(401, 'invalid_client', 7000215);
    }
    const token = `eyJ.${randomUUID()}`;
    tokens.add(token);
    reply(response, 200, { token_type: 'Bearer', expires_in: 3599, access_token: token });
  }

  function giveRow(set: string, id: string, query: URLSearchParams, response: ServerResponse): unknown {
    const row = set === SET ? standIn.rows.get(id.toLowerCase()) : undefined;
    if (row === undefined) return reply(response, 404, { error: { code: '0x80040217', message: 'Does Not Exist' } });
    reply(response, 200, selectColumns(row, query, ID));
  }

  function givePage(target: string, search: string, prefer: string, response: ServerResponse): unknown {
    if (search.includes('skiptoken') && !issuedLinks.has(target)) {
      return reply(response, 400, { error: { code: '0x80040203', message: 'Malformed XML in the Paging Cookie' } });
    }
    const query = new URLSearchParams(search.replace(/&\$skiptoken=.*$/, ''));
    const size = Math.min(5000, Number(/odata\.maxpagesize=(\d+)/.exec(prefer)?.[1] ?? 5000));
    let found: Row[];
    try {
      found = applyQuery([...standIn.rows.values()], query, COLUMNS);
    } catch (error) {
      if (!(error instanceof BadQuery)) throw error;
      return reply(response, 400, { error: { code: '0x80060888', message: error.message } });
    }
    // The cookie holds the last row's place in the order, as Dataverse's does: a row changed in between moves to the end.
    const cookie = /skiptoken=(.*)$/.exec(search)?.[1];
    const place =
      cookie === undefined ? null : /last="([^"]*)"/.exec(decodeURIComponent(decodeURIComponent(cookie)))?.[1];
    const rest = place ? found.filter((row) => `${row.modifiedon}|${row[ID]}` > place) : found;
    const page = rest.slice(0, size);
    const body: Record<string, unknown> = {
      '@odata.context': `${standIn.url}/$metadata`,
      value: page.map((row) => selectColumns(row, query, ID)),
    };
    const last = page.at(-1);
    if (rest.length > page.length && last !== undefined) {
      const inner = encodeURIComponent(`<cookie last="${last.modifiedon}|${last[ID]}" />`);
      const next = `${target.replace(/&\$skiptoken=.*$/, '')}&$skiptoken=${encodeURIComponent(`<cookie pagenumber="2" pagingcookie="${inner}" />`)}`;
      issuedLinks.add(next);
      body['@odata.nextLink'] = `${standIn.faults.foreignNextLink ?? standIn.url}${next}`;
    }
    standIn.counts.pages += 1;
    standIn.faults.afterPage?.();
    response.setHeader('preference-applied', `odata.maxpagesize=${size}`);
    if (standIn.faults.truncated > 0) {
      standIn.faults.truncated -= 1;
      const text = JSON.stringify(body);
      response.writeHead(200, { 'content-type': 'application/json; odata.metadata=minimal' });
      response.end(text.slice(0, Math.floor(text.length / 2)));
      return;
    }
    reply(response, 200, body);
  }

  return standIn;
}

function reply(response: ServerResponse, status: number, body: unknown): unknown {
  response.writeHead(status, { 'content-type': 'application/json; odata.metadata=minimal' });
  return response.end(JSON.stringify(body));
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
