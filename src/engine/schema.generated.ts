/** Generated from the migrated schema. */
export interface DB {
  [table: string]: { [column: string]: unknown };
}
