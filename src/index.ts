/** The library: `createVerve` and the types of what goes in and comes out. Importing it does nothing. */
export { type Actor, hostActor, type RoleHeld } from './engine/actor.ts';
export type { Fact, FactKind, FactOutcome } from './engine/attributions/fact.ts';
export type { Clock } from './engine/clock.ts';
export type { CodeStatus, ReferralCode } from './engine/codes/code.ts';
export type { GetOrCreateOutcome, InvalidateOutcome, RotateOutcome } from './engine/codes/service.ts';
export type { Connection, ConnectionPool } from './engine/database.ts';
export { type ErrorCode, errorTable, type FieldError, VerveError } from './engine/errors.ts';
export type { EventType, RecordedEvent } from './engine/events/event.ts';
export type { EventStream } from './engine/events/stream.ts';
export type { OrganisationChange } from './engine/organisations/service.ts';
export type { Call, Logger } from './engine/parts.ts';
export type { Conversion, Referrals, Referrer, Sale, SyncSchema } from './engine/referrals/service.ts';
export { createVerve, type Nouns, type Verve, type VerveOptions } from './engine/verve.ts';
