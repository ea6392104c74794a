/**
 * The clock a host may give to createVerve. Without one the database's `now()` is the only authority (spec §2.14);
 * with one, every statement of a transaction sees the time it gave when the transaction began.
 */
export type Clock = () => Date;
