/** A column's value, decoded alike from the webhook's typed bags and from the Web API's plain JSON. */
export type ColumnValue = string | number | boolean | Date | null;

/** One row. A column that is not in the map was not sent; null = sent, and empty. */
export type Columns = ReadonlyMap<string, ColumnValue>;

const DATE = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/;

/**
 * Decodes a value of RemoteExecutionContext (membership-systems §1.3): `/Date(ms)/` (already UTC; an offset is
 * decoration), OptionSetValue and Money to their number, EntityReference to its id. What Verve has no use for
 * (collections, several choices) becomes null.
 */
export function decodeValue(value: unknown): ColumnValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    const milliseconds = DATE.exec(value)?.[1];
    if (milliseconds === undefined) return value;
    const date = new Date(Number(milliseconds));
    return Number.isNaN(date.getTime()) ? null : date;
  }
  if (!isObject(value) || typeof value.__type !== 'string') return null;
  const type = value.__type.split(':')[0];
  if (type === 'OptionSetValue' || type === 'Money') return typeof value.Value === 'number' ? value.Value : null;
  if (type === 'EntityReference') return typeof value.Id === 'string' ? value.Id.toLowerCase() : null;
  return null;
}

/** The attribute bag of an Entity: an array of `{ key, value }`, not an object. Entries of another shape are passed over. */
export function decodeBag(entity: unknown): Map<string, ColumnValue> {
  const columns = new Map<string, ColumnValue>();
  const attributes = isObject(entity) ? entity.Attributes : null;
  if (!Array.isArray(attributes)) return columns;
  for (const attribute of attributes) {
    if (isObject(attribute) && typeof attribute.key === 'string') {
      columns.set(attribute.key.toLowerCase(), decodeValue(attribute.value));
    }
  }
  return columns;
}

/**
 * A flat record of the Web API or of Power Automate: lookups come as `_name_value` and are put under `name`,
 * annotations (`…@OData…`) are passed over.
 */
export function decodeRecord(record: Record<string, unknown>): Map<string, ColumnValue> {
  const columns = new Map<string, ColumnValue>();
  for (const [key, value] of Object.entries(record)) {
    if (key.includes('@')) continue;
    const lookup = /^_(.+)_value$/.exec(key)?.[1];
    const decoded = decodeValue(value);
    if (lookup === undefined) columns.set(key.toLowerCase(), decoded);
    else columns.set(lookup.toLowerCase(), typeof decoded === 'string' ? decoded.toLowerCase() : decoded);
  }
  return columns;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
