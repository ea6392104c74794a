import { z } from 'zod';

const column = z.string().regex(/^[a-z][a-z0-9_]{0,99}$/, 'must be a logical name in lower case');
const optionalColumn = column.nullable().default(null);
const guid = z.guid().transform((text) => text.toLowerCase());
const address = z
  .url({ protocol: /^https?$/ })
  .max(200)
  .refine((text) => !URL.canParse(text) || isOrigin(new URL(text)), 'must be an address without path, user, ? or #')
  .transform((text) => new URL(text).origin);
const meaning = z
  .enum(['registered', 'confirmed', 'rejected', 'reversed', 'invalidated'])
  .transform((word) => (word === 'invalidated' ? 'reversed' : word));

/**
 * Where an organisation's memberships are in Dataverse, and what their columns mean. Names are the customer's own:
 * logical names in lower case. Lookups are named without the `_…_value` of the Web API.
 */
export const dataverseSettings = z
  .strictObject({
    /** Address of the environment. Never derived from a region. */
    environmentUrl: address,
    /** Id of the Dataverse organisation that may send; null = any that knows the key. (Default: null) */
    organizationId: guid.nullable().default(null),
    /** Entra tenant and app registration for reading rows; null = webhook only, nothing can be re-read. (Default: null) */
    tenantId: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{2,99}$/i)
      .nullable()
      .default(null),
    clientId: guid.nullable().default(null),
    /** (Default: https://login.microsoftonline.com) */
    authorityUrl: address.default('https://login.microsoftonline.com'),
    /** (Default: v9.2) */
    apiVersion: z
      .string()
      .regex(/^v9\.\d$/)
      .default('v9.2'),
    table: column,
    entitySet: column,
    /** Primary key. */
    id: column,
    referralCode: optionalColumn,
    registrationRef: optionalColumn,
    /** What identifies the member: a lookup (the id of its row) or a column of its own (a member number); exactly one. */
    memberLookup: optionalColumn,
    memberColumn: optionalColumn,
    status: column,
    /** Value of the status column, as text → what it means. Values left out mean nothing to Verve. */
    statusMap: z.record(z.string().min(1).max(100), meaning),
    /** (Default: createdon) */
    registeredAt: column.default('createdon'),
    /** When the membership became real, such as the day the fee was paid; null = `modifiedAt` stands in. */
    confirmedAt: optionalColumn,
    /** (Default: modifiedon) */
    modifiedAt: column.default('modifiedon'),
    membershipType: optionalColumn,
    /** `with_code`: reconciliation reads rows that carry a code or reference; `all`: every row. (Default: with_code) */
    readRows: z.enum(['with_code', 'all']).default('with_code'),
    /** What a deleted row means. Clean-ups delete rows too, so by default nothing. (Default: ignored) */
    deletedMeans: z.enum(['ignored', 'reversed']).default('ignored'),
  })
  .refine((all) => (all.memberLookup === null) !== (all.memberColumn === null), {
    path: ['memberLookup'],
    error: 'name either memberLookup or memberColumn',
  })
  .refine((all) => all.referralCode !== null || all.registrationRef !== null, {
    path: ['referralCode'],
    error: 'name the column of the referral code, or of the registration reference',
  })
  .refine((all) => Object.values(all.statusMap).includes('confirmed'), {
    path: ['statusMap'],
    error: 'at least one status must mean confirmed',
  });

export type DataverseSettings = z.output<typeof dataverseSettings>;

function isOrigin(url: URL): boolean {
  return url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
}
