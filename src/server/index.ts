/** What needs Node (or a runtime that offers `node:`): migrating, a pool with the engine's types, listening. */
export { type FetchHandler, type Listener, listen } from './listen.ts';
export { type MigrateOptions, type MigrateResult, migrate } from './migrate.ts';
export { makePool, type PoolOptions } from './pool.ts';
