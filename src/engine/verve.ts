import { type ApiKeysService, createApiKeys } from './api-keys/service.ts';
import { type BulkIntake, createBulkIntake } from './attributions/bulk-intake.ts';
import { createFactIntake, type HearFacts } from './attributions/fact-intake.ts';
import { type Attributions, createAttributions, type FindClick } from './attributions/service.ts';
import { type Audit, createAudit } from './audit/service.ts';
import { type BadgeService, subscribeBadgeService } from './badges/badge-service.ts';
import { type Badges, createBadges } from './badges/service.ts';
import { type BranchesService, createBranches } from './branches/service.ts';
import { createClickMatcher } from './clicks/match-click.ts';
import type { ClickStore } from './clicks/repository.ts';
import { type Clicks, createClicks } from './clicks/service.ts';
import type { Clock } from './clock.ts';
import { type CodesService, createCodes } from './codes/service.ts';
import { type ContactsService, createContacts } from './contacts/service.ts';
import { type Connection, type ConnectionPool, type Database, enlistDatabase, openDatabase } from './database.ts';
import { createEventStream, type EventStream } from './events/stream.ts';
import { createHealth, type Health } from './health/service.ts';
import { createImports, type Imports } from './imports/service.ts';
import { createInbound, type Inbound } from './inbound/service.ts';
import { createInbox, type Inbox } from './inbox/service.ts';
import { createJoin, type JoinService } from './join/service.ts';
import { createMentors, type MentorsService } from './mentors/service.ts';
import { type Backfill, createBackfill } from './milestones/backfill.ts';
import { createMilestones, type Milestones } from './milestones/service.ts';
import { createOffboarding, type Offboarding } from './organisations/offboarding.ts';
import { createSecrets, type SecretsService } from './organisations/secrets.ts';
import { createOrganisations, type OrganisationsService } from './organisations/service.ts';
import { type EngineParts, type Logger, platformRandom, type Random, silentLogger } from './parts.ts';
import { createPrivacy, type Privacy } from './privacy/service.ts';
import { createReconciliation, type Reconciliation } from './reconciliation/service.ts';
import { createReferrals, type Referrals, type SyncSchema } from './referrals/service.ts';
import { createReports, type ReportsService } from './reports/service.ts';
import { createRetention, type Retention } from './retention/service.ts';
import { createRoles, type RolesService } from './roles/service.ts';
import type { Encrypt } from './secrets/encrypt.ts';
import { createKeyRing } from './secrets/key-ring.ts';
import type { KeyedHash } from './secrets/keyed-hash.ts';
import { createShares, type SharesService } from './shares/service.ts';
import { createSignIn, type SignIn } from './sign-in/service.ts';
import { createDeliveryLog, type DeliveryLog } from './webhooks/delivery-log.ts';
import { createWebhookEndpoints, type WebhookEndpoints } from './webhooks/endpoints.ts';

export interface VerveOptions {
  /** A `pg` pool, or anything of its shape, connected as `verve_app` or as a role that may become `verve_engine`. */
  database: ConnectionPool;
  /**
   * The installation's secret, from which encryption and hashing keys are made: at least 32 characters. Several: the
   * first is used, all open.
   */
  secret: string | readonly string[];
  /** Moves the time of every transaction. (Default: the database's own clock) */
  clock?: Clock;
  /** Hears what an operator should know; never personal data. (Default: nobody) */
  logger?: Logger;
  /** Whether statements may be named: false behind a pooler in transaction mode. (Default: true) */
  prepare?: boolean;
  /** Brings the schema up to date for `referrals.syncIndexes`. (Default: refused; the engine never connects as owner) */
  syncSchema?: SyncSchema;
  /** Where ids and secrets come from; only to make the same data twice. (Default: the platform's) */
  random?: Random;
  /** A badge service of the host's own, told after each commit; it can delay and undo nothing. (Default: none) */
  badgeService?: BadgeService;
  /** Lets webhook endpoints be on this machine, over http: for development and tests. (Default: false) */
  allowLoopbackEndpoints?: boolean;
  /** Hears after each commit how facts ended, for counting. (Default: nobody) */
  onFacts?: HearFacts;
  /** A connection of the click recorder's own, standing in the role `verve_ingest`. (Default: the pool serves) */
  clickStore?: ClickStore;
  /** A synchronous HMAC-SHA256, for click tokens and deliveries at speed. (Default: WebCrypto's) */
  keyedHash?: KeyedHash;
  /** A synchronous AES-256-GCM, for deliveries at speed. (Default: WebCrypto's) */
  encrypt?: Encrypt;
}

/** The nouns of the engine. Every operation takes an organisation and an actor. */
export interface Nouns {
  organisations: OrganisationsService;
  secrets: SecretsService;
  branches: BranchesService;
  mentors: MentorsService;
  roles: RolesService;
  apiKeys: ApiKeysService;
  /** Signing in to the dashboard. */
  signIn: SignIn;
  codes: CodesService;
  shares: SharesService;
  reports: ReportsService;
  attributions: Attributions;
  /** Referral attribution for anything: owners and sources of any model. */
  referrals: Referrals;
  inbox: Inbox;
  inbound: Inbound;
  /** Batches of memberships: what imports and reconciliation are made of. */
  bulk: BulkIntake;
  /** Files that are imported in the background. */
  imports: Imports;
  reconciliation: Reconciliation;
  webhookEndpoints: WebhookEndpoints;
  deliveryLog: DeliveryLog;
  badges: Badges;
  milestones: Milestones;
  backfill: Backfill;
  health: Health;
  retention: Retention;
  join: JoinService;
  contacts: ContactsService;
  /** Export and erasure of one person. */
  privacy: Privacy;
  /** An organisation leaves: everything out, then gone. */
  offboarding: Offboarding;
  /** The record of who did what, chained. */
  audit: Audit;
}

export interface Verve extends Nouns {
  /** The typed stream of committed events in this process. */
  events: EventStream;
  /**
   * Links and clicks. Recording goes its own way, together with what arrives at the same moment, never in a host's
   * transaction.
   */
  clicks: Clicks;
  /** The engine's door to the database and its keys, for those who build on it. */
  parts: EngineParts;
  /**
   * The same operations inside a transaction that the host has open: a sale and its attribution commit together or not
   * at all. Call `committed()` after the commit, so that subscribers hear of the events.
   */
  enlist(connection: Omit<Connection, 'release'>): Nouns & { committed(): void };
}

/** What the host decides for the whole engine. */
interface HostChoices {
  syncSchema: SyncSchema | undefined;
  endSubscriptions: () => void;
  allowLoopback: boolean;
  onFacts: HearFacts | undefined;
}

function wire(parts: EngineParts, host: HostChoices, findClick: FindClick): Nouns {
  const intake = createFactIntake({
    database: parts.database,
    keys: parts.keyRing,
    makeId: () => parts.random.uuid(),
    onFacts: host.onFacts,
  });
  const bulk = createBulkIntake({ database: parts.database, intake });
  const organisations = createOrganisations(parts);
  const codes = createCodes(parts);
  const inbound = createInbound(parts, intake);
  const privacy = createPrivacy(parts);
  const deliveryLog = createDeliveryLog(parts);
  const contacts = createContacts(parts);
  const signIn = createSignIn(parts);
  return {
    organisations,
    secrets: createSecrets(parts),
    branches: createBranches(parts),
    mentors: createMentors(parts),
    roles: createRoles(parts),
    apiKeys: createApiKeys(parts),
    signIn,
    codes,
    referrals: createReferrals(parts, { codes, intake }, host),
    shares: createShares(parts),
    attributions: createAttributions(parts, intake, { findClick }),
    reports: createReports(parts),
    inbox: createInbox(parts, intake),
    inbound,
    bulk,
    imports: createImports(parts),
    reconciliation: createReconciliation({ database: parts.database, bulk }),
    webhookEndpoints: createWebhookEndpoints(parts, host),
    deliveryLog,
    badges: createBadges(parts),
    milestones: createMilestones(parts),
    backfill: createBackfill(parts),
    health: createHealth(parts),
    join: createJoin(parts, { organisations, facts: intake }, { findClick }),
    contacts,
    privacy,
    audit: createAudit(parts),
    offboarding: createOffboarding(parts),
    retention: createRetention(parts, { organisations, inbound, deliveryLog, contacts, privacy, signIn }),
  };
}

/** Makes an engine over a host's database. Opens nothing until the first call; has no side effects on import. */
export function createVerve(options: VerveOptions): Verve {
  const { clock, prepare, logger = silentLogger, random = platformRandom, allowLoopbackEndpoints = false } = options;
  const { keyedHash, encrypt } = options;
  const keyRing = createKeyRing(options.secret, { keyedHash, encrypt });
  const { stream, publish, endSubscriptions } = createEventStream((error) => {
    logger.error({ reason: error instanceof Error ? error.name : 'unknown' }, 'a listener to events failed');
  });
  const { badgeService } = options;
  if (badgeService !== undefined) {
    subscribeBadgeService({
      stream,
      badgeService,
      onFault: (error) =>
        logger.warn({ reason: error instanceof Error ? error.name : 'unknown' }, 'the badge service could not be told'),
    });
  }
  const { syncSchema, onFacts } = options;
  const host: HostChoices = { syncSchema, endSubscriptions, allowLoopback: allowLoopbackEndpoints, onFacts };
  const partsOver = (database: Database): EngineParts => ({ database, keyRing, logger, random, keyedHash });
  const parts = partsOver(openDatabase({ pool: options.database, clock, prepare, publish }));
  const clicks = createClicks({
    database: parts.database,
    keyRing,
    clock,
    store: options.clickStore,
    keyedHash,
    onNotStored: (hits) => logger.warn({ hits }, 'clicks were not stored'),
  });
  const findClick = createClickMatcher(clicks);
  return {
    ...wire(parts, host, findClick),
    events: stream,
    clicks,
    parts,
    enlist(connection) {
      const database = enlistDatabase({ connection, clock, prepare, publish });
      return { ...wire(partsOver(database), host, findClick), committed: () => database.committed() };
    },
  };
}
