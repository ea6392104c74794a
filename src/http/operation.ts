import type { z } from '@hono/zod-openapi';
import type { Actor } from '../engine/actor.ts';
import type { Session } from '../engine/database.ts';
import type { ErrorCode } from '../engine/errors.ts';
import type { EnlistedEngine } from './requests/enlist-session.ts';
import type { RateLimitPolicy } from './requests/rate-limit.ts';
import type { Runtime } from './runtime.ts';
import type { Tag } from './tags.ts';

/** Who sent a request, as far as could be found out. */
export type Caller =
  | { kind: 'public' }
  | { kind: 'key'; orgId: string; apiKeyId: string; scopes: readonly string[] }
  | { kind: 'person'; userId: string; claims: Record<string, unknown>; expiresAt: Date };

/** Who may use an operation. */
export type Access =
  /** Anybody, within a budget per client address. A caller with a key or token has its own, larger one. */
  | { to: 'anybody'; limit: RateLimitPolicy }
  /** A key with the scope, or a person (whose own rights the engine's permission table then decides). */
  | { to: 'callers'; scope: string }
  /** A key of any scope, or a person: what is about the caller alone. */
  | { to: 'known' }
  /** A request that proves itself by its own signature. */
  | { to: 'signed' };

/** One success answer of an operation, for the document. */
export interface AnswerForm {
  description: string;
  /** null = no body. */
  schema: z.ZodType | null;
  /** (Default: application/json.) */
  contentType?: string;
  /** A media type of text in which the same is given too, where the query asks for it. */
  textType?: string;
  example?: unknown;
  headers?: Record<string, string>; // name → what it says
}

/** What an operation answers. `raw` is sent as it is; otherwise `body` is sent as JSON. */
export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  raw?: BodyInit | null;
}

/** A request that was authenticated, placed in an organisation, and read against the operation's schemas. */
export interface Incoming<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  /** The body as it arrived, for what is verified over raw bytes. */
  bytes: Uint8Array<ArrayBuffer>;
  request: Request;
  requestId: string;
  caller: Caller;
  /** The caller in the engine's terms. */
  actor: Actor;
  /** The organisation; empty on routes for anybody, which find it by code or slug. */
  orgId: string;
  runtime: Runtime;
  /** Reads: as the person under row-level security, or as the engine within the key's organisation. */
  read: <Result>(work: (session: Session) => Promise<Result>) => Promise<Result>;
  /**
   * Does the work with the engine it is given; with an Idempotency-Key at most once, its answer kept in the same
   * transaction.
   */
  write: (work: (engine: EnlistedEngine) => Promise<Answer>) => Promise<Answer>;
}

/** One operation of the contract: the document, the router, the sweep and the fuzzer are all made from it. */
export interface Operation {
  /** operationId. */
  id: string;
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** In OpenAPI form: `/api/v1/referral-codes/{id}`. */
  path: string;
  tag: Tag;
  summary: string;
  description: string;
  access: Access;
  params: z.ZodObject | null;
  query: z.ZodObject | null;
  body: z.ZodType | null;
  /** Bytes of a JSON body. */
  maxBodyBytes: number;
  /** Whether the body may be left out. */
  isBodyOptional: boolean;
  bodyExample: unknown;
  /** 'json' is parsed strictly; 'raw' is handed over as bytes, this many at most. Its media type is documented, not checked. */
  bodyForm: 'json' | { raw: string; maxBytes: number; schema: z.ZodType };
  answers: Record<number, AnswerForm>;
  /** Refusals of its own; those every operation can give are added. */
  problems: readonly ErrorCode[];
  /** Whether what `write` does is one transaction without an Idempotency-Key too. */
  isOneTransaction: boolean;
  /**
   * Of a POST that reads, or whose lines are each safe to repeat: it does not go through `write`, and runs each time. Its
   * Idempotency-Key is only bound to the request. A function decides by the query.
   */
  runsAnew: boolean | ((query: never) => boolean);
  /** Whether the request must be placed in one organisation. */
  placing: 'required' | 'optional';
  /** For routes open to anybody: the organisation that the body names, where the caller has none. */
  findOrganisation: ((runtime: Runtime, body: never) => Promise<string | null>) | null;
  handle: (incoming: Incoming<never, never, never>) => Promise<Answer>;
}

type Shape<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** Declares an operation. What its handler receives is typed by its schemas. */
export function operation<
  Params extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(declared: {
  id: string;
  method: Operation['method'];
  path: string;
  tag: Tag;
  summary: string;
  description?: string;
  access: Access;
  params?: Params;
  query?: Query;
  body?: Body;
  /** (Default: 65,536) */
  maxBodyBytes?: number;
  isBodyOptional?: boolean;
  bodyExample?: unknown;
  bodyForm?: Operation['bodyForm'];
  answers: Record<number, AnswerForm>;
  problems?: readonly ErrorCode[];
  /** (Default: each operation of the engine is its own) */
  isOneTransaction?: true;
  /** (Default: false) */
  runsAnew?: true | ((query: Shape<Query>) => boolean);
  /** (Default: required) */
  placing?: 'optional';
  findOrganisation?: (runtime: Runtime, body: Shape<Body>) => Promise<string | null>;
  handle: (incoming: Incoming<Shape<Params>, Shape<Query>, Shape<Body>>) => Promise<Answer>;
}): Operation {
  return {
    ...declared,
    description: declared.description ?? declared.summary,
    params: declared.params ?? null,
    // A name that is ignored silently is one that the caller got wrong.
    query: declared.query?.strict() ?? null,
    body: declared.body ?? null,
    maxBodyBytes: declared.maxBodyBytes ?? 65_536,
    isBodyOptional: declared.isBodyOptional ?? false,
    bodyExample: declared.bodyExample,
    bodyForm: declared.bodyForm ?? 'json',
    problems: declared.problems ?? [],
    isOneTransaction: declared.isOneTransaction ?? false,
    runsAnew: declared.runsAnew ?? false,
    placing: declared.placing ?? 'required',
    findOrganisation: declared.findOrganisation ?? null,
    handle: declared.handle,
  };
}
