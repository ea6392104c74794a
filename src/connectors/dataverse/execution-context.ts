import { z } from 'zod';
import { type ColumnValue, decodeBag, decodeValue, isObject } from './column-value.ts';

const bag = z
  .array(z.object({ key: z.string(), value: z.unknown() }))
  .nullish()
  .transform((pairs) => pairs ?? null);

/** The members of `Microsoft.Xrm.Sdk.RemoteExecutionContext` that matter here; all others are passed over. */
const contextSchema = z.object({
  MessageName: z.string().max(100),
  PrimaryEntityName: z.string().max(200),
  PrimaryEntityId: z.guid(),
  OrganizationId: z.guid(),
  OperationId: z.guid().nullish(),
  OperationCreatedOn: z.unknown(),
  InputParameters: bag,
  PreEntityImages: bag,
  PostEntityImages: bag,
});

/** A webhook body of Dataverse, decoded. */
export interface ExecutionContext {
  message: 'create' | 'update' | 'delete' | 'other';
  table: string;
  rowId: string;
  organizationId: string;
  /** Null where the sender left it empty. */
  operationId: string | null;
  operationAt: Date | null;
  /** What was written, over what the images show. */
  columns: Map<string, ColumnValue>;
  /** The row as it was before; only filled where the step has a pre-image. */
  columnsBefore: Map<string, ColumnValue>;
  /** Whether a column absent from `columns` is known to be empty: after Create, and where the step has a post-image. */
  isWholeRow: boolean;
}

/** Every asynchronous step adds this image by itself; it holds the primary name and the id only. */
const AUTOMATIC_IMAGE = 'AsynchronousStepPrimaryName';
const EMPTY_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Decodes the body of a Dataverse webhook, or answers null where it is none. Above 256 KB Dataverse leaves out
 * parameters and images: the columns are then simply missing.
 */
export function decodeExecutionContext(body: unknown): ExecutionContext | null {
  const parsed = contextSchema.safeParse(body);
  if (!parsed.success) return null;
  const context = parsed.data;
  const target = context.InputParameters?.find(({ key }) => key === 'Target')?.value;
  const images = context.PostEntityImages ?? [];
  const merged = images.flatMap(({ value }) => [...decodeBag(value)]);
  const message = messageOf(context.MessageName);
  const hasTarget = isObject(target) && Array.isArray(target.Attributes);
  const operationAt = decodeValue(context.OperationCreatedOn);
  return {
    message,
    table: context.PrimaryEntityName.toLowerCase(),
    rowId: context.PrimaryEntityId.toLowerCase(),
    organizationId: context.OrganizationId.toLowerCase(),
    operationId: !context.OperationId || context.OperationId === EMPTY_ID ? null : context.OperationId.toLowerCase(),
    operationAt: operationAt instanceof Date ? operationAt : null,
    columns: new Map([...merged, ...decodeBag(target)]),
    columnsBefore: new Map((context.PreEntityImages ?? []).flatMap(({ value }) => [...decodeBag(value)])),
    isWholeRow: (message === 'create' && hasTarget) || images.some(({ key }) => key !== AUTOMATIC_IMAGE),
  };
}

/**
 * What makes two deliveries the same one (membership-systems §1.3): organisation, operation, message, table and row.
 * Null where the operation is not named: then only what the delivery says makes it idempotent.
 */
export function deliveryKey(context: ExecutionContext): string | null {
  const { organizationId, operationId, message, table, rowId } = context;
  return operationId === null ? null : [organizationId, operationId, message, table, rowId].join('/');
}

function messageOf(name: string): ExecutionContext['message'] {
  switch (name.toLowerCase()) {
    case 'create':
      return 'create';
    case 'update':
      return 'update';
    case 'delete':
      return 'delete';
    default:
      return 'other'; // Associate, Assign, a custom message: nothing about a membership's status
  }
}
