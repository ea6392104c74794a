/** Posts what a Dataverse environment posts (membership-systems §1.2 and §1.3): bodies, headers and its one retry. */
import { randomUUID } from 'node:crypto';

const CONTRACTS = 'http://schemas.microsoft.com/xrm/2011/Contracts';

/** Values as Dataverse writes them in attribute bags. */
export const choice = (value: number) => ({ __type: `OptionSetValue:${CONTRACTS}`, Value: value });
export const date = (at: Date) => `/Date(${at.getTime()})/`;
export const lookup = (table: string, id: string) => ({
  __type: `EntityReference:${CONTRACTS}`,
  Id: id,
  KeyAttributes: [],
  LogicalName: table,
  Name: null,
  RowVersion: null,
});

export interface ContextOptions {
  message: 'Create' | 'Update' | 'Delete';
  rowId: string;
  organizationId: string;
  /** Attributes of the Target: all of the row for Create, the changed ones for Update. */
  attributes: Record<string, unknown>;
  table?: string;
  postImage?: Record<string, unknown>;
  preImage?: Record<string, unknown>;
  operationId?: string;
  operationAt?: Date;
  /** Above 256 KB: parameters and images are left out. */
  isOversized?: boolean;
}

/** The text of a RemoteExecutionContext; slashes are escaped as the real serializer does. */
export function contextText(options: ContextOptions): string {
  const { message, rowId, organizationId, table = 'hlf_membership', isOversized = false } = options;
  const operationAt = options.operationAt ?? new Date();
  const entity = (attributes: Record<string, unknown>, typed: boolean) => ({
    ...(typed ? { __type: `Entity:${CONTRACTS}` } : {}),
    Attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
    EntityState: null,
    FormattedValues: [],
    Id: rowId,
    KeyAttributes: [],
    LogicalName: table,
    RelatedEntities: [],
    RowVersion: null,
  });
  const target = message === 'Delete' ? lookup(table, rowId) : entity(options.attributes, true);
  const automatic = {
    key: 'AsynchronousStepPrimaryName',
    value: entity({ hlf_name: 'M-1', hlf_membershipid: rowId }, false),
  };
  const image = options.postImage === undefined ? [] : [{ key: 'PostImage', value: entity(options.postImage, false) }];
  const sized = {
    InputParameters: [{ key: 'Target', value: target }],
    ParentContext: null,
    PostEntityImages: message === 'Delete' ? [] : [automatic, ...image],
    PreEntityImages:
      options.preImage === undefined ? [] : [{ key: 'PreImage', value: entity(options.preImage, false) }],
  };
  const operationId = options.operationId ?? randomUUID();
  const body = {
    BusinessUnitId: '0f0e0d0c-0000-4000-8000-000000000001',
    CorrelationId: operationId, // the same at a retry, as everything in the body
    Depth: 1,
    InitiatingUserId: '0f0e0d0c-0000-4000-8000-000000000002',
    ...(isOversized ? {} : sized),
    IsExecutingOffline: false,
    IsolationMode: 1,
    MessageName: message,
    Mode: 1,
    OperationCreatedOn: `/Date(${operationAt.getTime()}+0000)/`,
    OperationId: operationId,
    OrganizationId: organizationId,
    OrganizationName: 'org94971a24',
    OutputParameters: message === 'Create' ? [{ key: 'id', value: rowId }] : [],
    PrimaryEntityId: rowId,
    PrimaryEntityName: table,
    RequestId: null,
    SecondaryEntityName: 'none',
    SharedVariables: [{ key: 'IsAutoTransact', value: true }],
    Stage: 40,
    UserId: '0f0e0d0c-0000-4000-8000-000000000002',
  };
  return JSON.stringify(body).replaceAll('/', '\\/');
}

export function contextHeaders(options: ContextOptions): Record<string, string> {
  return {
    'content-type': 'application/json',
    'x-ms-dynamics-organization': 'org94971a24.crm4.dynamics.com',
    'x-ms-dynamics-entity-name': options.table ?? 'hlf_membership',
    'x-ms-dynamics-request-name': options.message,
    'x-ms-correlation-request-id': randomUUID(),
    ...(options.isOversized ? { 'x-ms-dynamics-msg-size-exceeded': 'true' } : {}),
  };
}

/**
 * Posts with a time-out of 60 s and exactly one more try, on 502, 503 and 504 only. Answers the status of each try;
 * null = no answer. `fetchLike` may be a server's handler or the real `fetch`.
 */
export async function sendContext(
  address: string,
  options: ContextOptions & { headers?: Record<string, string> },
  fetchLike: (request: Request) => Promise<Response> = (request) => fetch(request),
): Promise<(number | null)[]> {
  const body = contextText(options);
  const headers = { ...contextHeaders(options), ...options.headers };
  const statuses: (number | null)[] = [];
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const signal = AbortSignal.timeout(60_000);
    const status = await fetchLike(new Request(address, { method: 'POST', headers, body, signal })).then(
      async (response) => {
        await response.body?.cancel();
        return response.status;
      },
      () => null,
    );
    statuses.push(status);
    if (status === null || ![502, 503, 504].includes(status)) break;
  }
  return statuses;
}
