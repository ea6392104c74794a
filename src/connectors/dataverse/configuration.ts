import { z } from 'zod';

/**
 * Where one organisation's memberships are in Dataverse, and what their columns mean (membership-systems §1.3). Names
 * are the customer's own: logical names in lower case. Lookups are named without the `_…_value` of the Web API.
 */
export interface DataverseConfiguration {
  /** Address of the environment, without a path. Never derived from a region. */
  environmentUrl: string;
  /** Id of the Dataverse organisation that may send; null = any that knows the key. */
  organizationId: string | null;
  /** For reading rows: the Entra tenant and the app registration. Null = webhook only, nothing can be re-read. */
  tenantId: string | null;
  clientId: string | null;
  /** (Default: https://login.microsoftonline.com) */
  authorityUrl: string;
  /** (Default: v9.2) */
  apiVersion: string;
  table: string;
  entitySet: string;
  /** Primary key column. */
  id: string;
  referralCode: string | null;
  registrationRef: string | null;
  /** What identifies the member: a lookup (its row's id) or a column of its own (such as a member number); exactly one. */
  memberLookup: string | null;
  memberColumn: string | null;
  status: string;
  /** Value of the status column (as text) → what it means. Values left out mean nothing to Verve. */
  statusMap: Record<string, 'registered' | 'confirmed' | 'rejected' | 'reversed'>;
  registeredAt: string;
  /** When the membership became real, such as the day the fee was paid. Null = `modifiedAt` stands in. */
  confirmedAt: string | null;
  modifiedAt: string;
  membershipType: string | null;
  /** `with_code`: reconciliation reads rows that carry a code or reference. `all`: every row. (Default: with_code) */
  readRows: 'with_code' | 'all';
  /** What a deleted row means. Clean-ups delete rows too, so by default nothing. (Default: ignored) */
  deletedMeans: 'ignored' | 'reversed';
}

const column = z.string().regex(/^[a-z][a-z0-9_]{0,99}$/, 'must be a logical name in lower case');
const optionalColumn = column.nullish().transform((name) => name ?? null);
const guid = z.guid().transform((text) => text.toLowerCase());
const optionalGuid = guid.nullish().transform((text) => text ?? null);
const meaning = z
  .enum(['registered', 'confirmed', 'rejected', 'reversed', 'invalidated'])
  .transform((word) => (word === 'invalidated' ? 'reversed' : word));

/** Microsoft's clouds: the only hosts to which credentials go, unless the installation trusts others. */
const CLOUDS = [
  'dynamics.com',
  'dynamics.cn',
  'microsoftdynamics.us',
  'appsplatform.us',
  'microsoftonline.com',
  'microsoftonline.us',
  'partner.microsoftonline.cn',
];

/**
 * The schema of a stored configuration. `trustedHosts` (host names, with port where one is used) may also be named as
 * environment or authority, also over plain http: it is the installation's to give, never the organisation's.
 */
export function dataverseConfigurationSchema(trustedHosts: readonly string[] = []): z.ZodType<DataverseConfiguration> {
  const address = z
    .string()
    .refine((text) => isAllowedAddress(text, trustedHosts), 'must be an https address of a Microsoft cloud, no path')
    .transform((text) => new URL(text).origin);
  return z
    .strictObject({
      environmentUrl: address,
      organizationId: optionalGuid,
      tenantId: z
        .union([guid, z.string().regex(/^[a-z0-9.-]{3,100}$/i)])
        .nullish()
        .transform((text) => text ?? null),
      clientId: optionalGuid,
      authorityUrl: address.default('https://login.microsoftonline.com'),
      apiVersion: z
        .string()
        .regex(/^v9\.\d$/)
        .default('v9.2'),
      table: column,
      entitySet: column,
      id: column,
      referralCode: optionalColumn,
      registrationRef: optionalColumn,
      memberLookup: optionalColumn,
      memberColumn: optionalColumn,
      status: column,
      statusMap: z.record(z.string().min(1).max(100), meaning),
      registeredAt: column.default('createdon'),
      confirmedAt: optionalColumn,
      modifiedAt: column.default('modifiedon'),
      membershipType: optionalColumn,
      readRows: z.enum(['with_code', 'all']).default('with_code'),
      deletedMeans: z.enum(['ignored', 'reversed']).default('ignored'),
    })
    .refine((all) => (all.memberLookup === null) !== (all.memberColumn === null), {
      path: ['memberLookup'],
      message: 'name either memberLookup or memberColumn',
    })
    .refine((all) => all.referralCode !== null || all.registrationRef !== null, {
      path: ['referralCode'],
      message: 'name the column of the referral code, or of the registration reference',
    })
    .refine((all) => Object.values(all.statusMap).includes('confirmed'), {
      path: ['statusMap'],
      message: 'at least one status must mean confirmed',
    });
}

/** The columns Verve reads, without doubles. Nothing else is ever asked for. */
export function configuredColumns(configuration: DataverseConfiguration): string[] {
  const { id, referralCode, registrationRef, memberLookup, memberColumn, status } = configuration;
  const { registeredAt, confirmedAt, modifiedAt, membershipType } = configuration;
  const all = [id, referralCode, registrationRef, memberLookup, memberColumn, status];
  all.push(registeredAt, confirmedAt, modifiedAt, membershipType);
  return [...new Set(all.filter((name) => name !== null))];
}

function isAllowedAddress(text: string, trustedHosts: readonly string[]): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') return false;
  if (trustedHosts.includes(url.host)) return true;
  const isCloud = CLOUDS.some((cloud) => url.hostname.endsWith(`.${cloud}`));
  return url.protocol === 'https:' && url.port === '' && isCloud;
}
