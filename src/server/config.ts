import { resolve } from 'node:path';
import { z } from 'zod';
import type { MailSettings } from './mail.ts';

/** The settings of an installation (spec §6). What belongs to an organisation is data, not here. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Whether that was said, rather than taken as the default. */
  readonly hasPort: boolean;
  /** `verve_app` at a PostgreSQL of your own. null = the embedded one. */
  readonly databaseUrl: string | null;
  /** The owner, for `migrate`, `backup` and `restore` only. null = not given. */
  readonly adminDatabaseUrl: string | null;
  readonly dataDir: string;
  /** Where the server is reached from outside; no slash at the end. */
  readonly publicUrl: string;
  /** Newest first: the first seals and hashes, all of them open. Empty = made and kept in the data directory. */
  readonly secrets: readonly string[];
  /** Whether that was said, rather than guessed from host and port. */
  readonly hasPublicUrl: boolean;
  /** Connections of the server. */
  readonly poolSize: number;
  /** How many proxies in front of the server may be believed about the client's address. */
  readonly trustedProxies: number;
  /** Lets webhooks go to this machine, over http: for development and tests. */
  readonly allowLoopbackWebhooks: boolean;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Hosts beside Microsoft's clouds that may be named as an organisation's Dataverse; with port where one is used. */
  readonly dataverseHosts: readonly string[];
  /** Opens `/metrics` to whoever sends it. null = `/metrics` is for this machine alone. */
  readonly metricsToken: string | null;
  /** Where letters go out. null = none are sent. */
  readonly mail: MailSettings | null;
  /** Origins whose pages may read the API's answers in a browser. */
  readonly origins: readonly string[];
  /** Whose sign-ins are accepted. null = API keys only. */
  readonly tokens: { readonly issuer: string; readonly audience: string; readonly jwksUrl: string } | null;
}

/** One setting: what it is for and what it is without being set. The docs page is made from it. */
export interface Setting {
  readonly name: string;
  readonly meaning: string;
  /** As written in the documentation; null = none. */
  readonly fallback: string | null;
}

/** Every environment variable that Verve reads. */
export const SETTINGS: readonly Setting[] = [
  { name: 'PORT', meaning: 'Port to listen on; 0 takes a free one', fallback: '3000' },
  { name: 'HOST', meaning: 'Address to listen on', fallback: '127.0.0.1' },
  { name: 'DATABASE_URL', meaning: 'PostgreSQL ≥ 15 as the role verve_app', fallback: 'the embedded PostgreSQL' },
  {
    name: 'VERVE_ADMIN_DATABASE_URL',
    meaning: 'The same database as its owner; only migrate, backup and restore use it',
    fallback: null,
  },
  { name: 'VERVE_DATA_DIR', meaning: 'Folder of the embedded PostgreSQL and of the secret', fallback: './data' },
  { name: 'VERVE_PUBLIC_URL', meaning: 'Address under which people reach the server', fallback: 'http://HOST:PORT' },
  {
    name: 'VERVE_SECRET',
    meaning:
      'At least 32 characters; encryption and hashing keys come from it. Several, newest first, with commas between',
    fallback: 'with the embedded PostgreSQL: made and kept in the data folder',
  },
  { name: 'VERVE_POOL_SIZE', meaning: 'Connections to the database', fallback: '16' },
  { name: 'VERVE_TRUSTED_PROXIES', meaning: 'Number of proxies whose X-Forwarded-For is believed', fallback: '0' },
  {
    name: 'VERVE_ALLOW_LOOPBACK_WEBHOOKS',
    meaning: 'true lets webhooks go to this machine, over http: for development and tests only',
    fallback: 'false',
  },
  {
    name: 'VERVE_DATAVERSE_HOSTS',
    meaning:
      'Hosts beside Microsoft’s clouds to which Dataverse credentials may go, with commas between; for development',
    fallback: 'none',
  },
  {
    name: 'VERVE_CORS_ORIGINS',
    meaning: 'Origins whose pages may call the API from a browser, with commas between; * = all',
    fallback: 'none',
  },
  { name: 'VERVE_LOG_LEVEL', meaning: 'debug, info, warn, error or silent', fallback: 'info' },
  {
    name: 'VERVE_METRICS_TOKEN',
    meaning: 'Bearer token with which /metrics is read; at least 16 characters',
    fallback: '/metrics is for this machine alone',
  },
  {
    name: 'VERVE_SMTP_URL',
    meaning: 'Mail server: smtps://USER:PASSWORD@HOST, or smtp:// with STARTTLS',
    fallback: 'no mail is sent',
  },
  { name: 'VERVE_MAIL_FROM', meaning: 'Sender of this mail: an address, or Name <address>', fallback: null },
  { name: 'VERVE_JWT_ISSUER', meaning: 'Issuer of the sign-ins that are accepted', fallback: 'API keys only' },
  { name: 'VERVE_JWT_AUDIENCE', meaning: 'Audience that a sign-in must name', fallback: 'authenticated' },
  { name: 'VERVE_JWKS_URL', meaning: 'Where the issuer’s keys are', fallback: 'ISSUER/.well-known/jwks.json' },
];

/** The environment is not usable: `problems` says for each variable what to do. Values are never repeated. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

const SHORTEST_SECRET = 32;

function wholeNumber(fallback: number, min: number, max: number): z.ZodType<number> {
  const message = `must be a whole number from ${min} to ${max}, for example ${fallback}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message)
    .default(fallback);
}

const postgresUrl = z
  .string()
  .refine(
    (text) => /^postgres(ql)?:$/.test(parseUrl(text)?.protocol ?? ''),
    'must look like postgres://verve_app:PASSWORD@HOST:5432/DATABASE; write special characters of the password as %XX',
  );

const webUrl = z.string().refine((text) => {
  const url = parseUrl(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '' && url.username === '';
}, 'must be an address such as https://verve.example.org, without user, ? or #');

const smtpUrl = z.string().refine((text) => {
  const url = parseUrl(text);
  return url !== null && /^smtps?:$/.test(url.protocol) && url.hostname !== '' && /^\/?$/.test(url.pathname);
}, 'must look like smtps://USER:PASSWORD@HOST:465 or smtp://USER:PASSWORD@HOST:587; write special characters as %XX');

const sender = z
  .string()
  .regex(
    /^(?:[^<>@\r\n]+<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/,
    'must be verve@example.org or Name <verve@example.org>',
  );

const schema = z.object({
  PORT: wholeNumber(3000, 0, 65_535),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: postgresUrl.optional(),
  VERVE_ADMIN_DATABASE_URL: postgresUrl.optional(),
  VERVE_DATA_DIR: z.string().default('./data'),
  VERVE_PUBLIC_URL: webUrl.optional(),
  VERVE_SECRET: z
    .string()
    .transform((text) => text.split(',').map((secret) => secret.trim()))
    .refine(
      (secrets) => secrets.every((secret) => secret.length >= SHORTEST_SECRET),
      `must have at least ${SHORTEST_SECRET} characters; make one with: openssl rand -base64 48`,
    )
    .optional(),
  VERVE_POOL_SIZE: wholeNumber(16, 2, 500),
  VERVE_TRUSTED_PROXIES: wholeNumber(0, 0, 10),
  VERVE_ALLOW_LOOPBACK_WEBHOOKS: z.enum(['true', 'false'], 'must be true or false').default('false'),
  VERVE_DATAVERSE_HOSTS: z
    .string()
    .transform((text) => text.split(',').map((host) => host.trim().toLowerCase()))
    .optional(),
  VERVE_CORS_ORIGINS: z
    .string()
    .transform((text) => text.split(',').map((origin) => origin.trim().replace(/\/$/, '')))
    .refine(
      (origins) => origins.every((origin) => origin === '*' || parseUrl(origin)?.origin === origin.toLowerCase()),
      'must be origins such as https://app.example.org, with commas between, or *',
    )
    .optional(),
  VERVE_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent')
    .default('info'),
  VERVE_METRICS_TOKEN: z
    .string()
    .regex(
      /^[\x21-\x7e]{16,}$/,
      'must have at least 16 characters, without spaces; make one with: openssl rand -hex 32',
    )
    .optional(),
  VERVE_SMTP_URL: smtpUrl.optional(),
  VERVE_MAIL_FROM: sender.optional(),
  VERVE_JWT_ISSUER: webUrl.optional(),
  VERVE_JWT_AUDIENCE: z.string().default('authenticated'),
  VERVE_JWKS_URL: webUrl.optional(),
});

/**
 * Reads and checks the environment. An empty variable counts as not set.
 * @throws {ConfigError} with every problem at once, each saying what to do.
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    SETTINGS.map(({ name }) => [name, environment[name]?.trim()]).filter(
      ([, value]) => value !== undefined && value !== '',
    ),
  );
  const parsed = schema.safeParse(given);
  const problems = [
    ...findMistypedNames(environment),
    ...(parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`)),
  ];
  if (given.DATABASE_URL !== undefined && given.VERVE_SECRET === undefined) {
    problems.push(
      'VERVE_SECRET is required with DATABASE_URL: every server of the installation must have the same one. ' +
        'Make it once with "openssl rand -base64 48" and keep it as safe as a password.',
    );
  }
  if (given.VERVE_JWKS_URL !== undefined && given.VERVE_JWT_ISSUER === undefined) {
    problems.push('VERVE_JWT_ISSUER is required with VERVE_JWKS_URL: the issuer exactly as it stands in the tokens.');
  }
  if ((given.VERVE_SMTP_URL === undefined) !== (given.VERVE_MAIL_FROM === undefined)) {
    problems.push('VERVE_SMTP_URL and VERVE_MAIL_FROM belong together: give both, or neither.');
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const { data } = parsed;
  const { VERVE_JWT_ISSUER: issuer, VERVE_SMTP_URL: smtp, VERVE_MAIL_FROM: from } = data;
  return {
    host: data.HOST,
    port: data.PORT,
    hasPort: given.PORT !== undefined,
    databaseUrl: data.DATABASE_URL ?? null,
    adminDatabaseUrl: data.VERVE_ADMIN_DATABASE_URL ?? null,
    dataDir: resolve(data.VERVE_DATA_DIR),
    publicUrl: tidyUrl(data.VERVE_PUBLIC_URL ?? `http://${formatHost(data.HOST)}:${data.PORT}`),
    hasPublicUrl: data.VERVE_PUBLIC_URL !== undefined,
    secrets: data.VERVE_SECRET ?? [],
    poolSize: data.VERVE_POOL_SIZE,
    dataverseHosts: data.VERVE_DATAVERSE_HOSTS ?? [],
    origins: data.VERVE_CORS_ORIGINS ?? [],
    trustedProxies: data.VERVE_TRUSTED_PROXIES,
    allowLoopbackWebhooks: data.VERVE_ALLOW_LOOPBACK_WEBHOOKS === 'true',
    logLevel: data.VERVE_LOG_LEVEL,
    metricsToken: data.VERVE_METRICS_TOKEN ?? null,
    mail: smtp !== undefined && from !== undefined ? { smtpUrl: smtp, from } : null,
    tokens: issuer
      ? {
          issuer,
          audience: data.VERVE_JWT_AUDIENCE,
          jwksUrl: data.VERVE_JWKS_URL ?? `${issuer.replace(/\/+$/, '')}/.well-known/jwks.json`,
        }
      : null,
  };
}

/** Without a slash at the end, and the scheme in lower case: whether cookies are for https alone is read from it. */
function tidyUrl(url: string): string {
  return url.replace(/\/+$/, '').replace(/^\w+:/, (scheme) => scheme.toLowerCase());
}

/** An IPv6 address stands in brackets in a URL; "every address" is reached as the local one. */
function formatHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

function findMistypedNames(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = SETTINGS.map((setting) => setting.name);
  return Object.keys(environment)
    .filter((name) => name.startsWith('VERVE_') && !known.includes(name))
    .map((name) => `${name} is not a setting of Verve. There are: ${known.join(', ')}.`);
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
