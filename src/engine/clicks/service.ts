import type { Clock } from '../clock.ts';
import { isCode, readCode } from '../codes/read-code.ts';
import type { Database, Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import type { KeyedHash } from '../secrets/keyed-hash.ts';
import type { ShareChannel } from '../share/channels.ts';
import { classifyAgent, classifyTraffic, type TrafficClass, type TrafficSigns } from './classify-traffic.ts';
import { isOwnClickId, makeClickId } from './click-id.ts';
import { type ClickMetadata, isClickToken, noMetadata } from './click-metadata.ts';
import { createFloodLimit, type FloodLimit } from './flood-limit.ts';
import { createLinkCache, type Link, type LinkCache, type LinkChange } from './link-cache.ts';
import { createHitRecorder, type HitOutcome, type RecorderFigures } from './record-hits.ts';
import * as repository from './repository.ts';
import { createTokenHasher } from './token-hash.ts';

/** One opening of a link, or a press on "join". Nothing of it is stored but class and channel; the token as a keyed hash. */
export interface Opening {
  signs: TrafficSigns;
  /** For the flood limit alone; '' = unknown. */
  address: string;
  channel: ShareChannel | null; // null = the link told none
  /** A random value that the app sends or the page's own link carries; null or malformed = none, nothing is merged. */
  token: string | null;
}

/** What became of an opening; `flooded` = above the limit, counted per code and minute only. */
export type OpeningOutcome = HitOutcome | 'flooded';

/** A click that a client reports. */
export interface ReportedClick {
  metadata?: ClickMetadata;
  token?: string | null;
  /** The client's time of the click. Counts if at most 72 h old and not in the future; otherwise the moment of storing does. */
  occurredAt?: Date | null;
  /** The agent that opened the link, where the client tells it: used for the class, never stored. null = an app, a person. */
  userAgent?: string | null;
  /** For the flood limit alone; '' = unknown. (Default: '') */
  address?: string;
  /** The caller's organisation: codes of others are unknown to him. (Default: any) */
  orgId?: string;
}

export type ClickOutcome =
  | {
      outcome: 'recorded';
      clickId: string;
      code: string;
      orgId: string;
      mentorId: string | null; // null = the code's owner is no mentor
      class: TrafficClass;
      occurredAt: Date | null; // null = the client's time was not taken: the moment of storing
    }
  /** The same token and code within the organisation's window: counted already. */
  | { outcome: 'deduplicated'; code: string; orgId: string; mentorId: string | null }
  | { outcome: 'rejected'; reason: 'unknown_code' }
  | { outcome: 'rejected'; reason: 'code_ended' | 'flood_limit'; mentorId: string | null };

export interface Clicks {
  /** The link of a code as typed or as stored; at once when remembered. Never rejects. null = this cannot be a code. */
  lookUp(code: string): Link | Promise<Link> | null;
  /** Records an opening of an open link. Resolves when committed, or when a visitor should wait no longer. Never rejects. */
  recordOpening(link: Extract<Link, { kind: 'open' }>, opening: Opening): Promise<OpeningOutcome>;
  /** Counts an opening of a link that nothing could be known of, because the database does not answer: it is not stored. */
  missOpening(link: Extract<Link, { kind: 'unavailable' }>): OpeningOutcome;
  /** Records a press on "join": the stronger, second figure. Presses of machines are stored with their class instead. */
  recordJoinPress(link: Extract<Link, { kind: 'open' }>, opening: Opening): Promise<OpeningOutcome>;
  /**
   * Records a click that a client reports. Not safe to repeat without a token (the HTTP boundary has Idempotency-Key).
   * Throws `database_unavailable` when it could not be stored.
   */
  recordReferralClick(code: string, click?: ReportedClick): Promise<ClickOutcome>;
  /** The click with an id that the API answered with; 'pruned' = it was one of ours and is no longer kept; null = never was. */
  getClick(session: Session, clickId: string): Promise<repository.ClickRow | 'pruned' | null>;
  /** Raw clicks, newest first, without ids. */
  listClicks: typeof repository.listClicks;
  countClicks: typeof repository.countClicks;
  /** Deletes a click and takes it out of its day. False = there was none. Safe to repeat. */
  deleteClick(session: Session, clickId: string): Promise<boolean>;
  /** The human click to which a registration without a code belongs, by the same token (spec §2.5). Writes nothing. */
  findClickForToken(session: Session, wanted: TokenQuestion): Promise<repository.TokenClick | null>;
  /** Lets go of remembered links that a change concerns. */
  forget(change: LinkChange): void;
  readonly figures: Readonly<RecorderFigures>;
  /** Writes what waits in memory. For shutting down. */
  flush(): Promise<void>;
}

export interface TokenQuestion {
  orgId: string;
  token: string;
  registeredAt: Date | null; // null = now
  /** (Default: 72; at most 720) */
  windowHours?: number;
  /** (Default: last) */
  mode?: 'last' | 'first';
}

/** What `createClicks` is given. `store` is a connection of the recorder's own; without it, the database's pool serves. */
export interface ClicksOptions {
  database: Database;
  keyRing: KeyRing;
  store?: repository.ClickStore | undefined;
  clock?: Clock | undefined;
  linkCache?: LinkCache | undefined;
  floodLimit?: FloodLimit | undefined;
  /** (Default: WebCrypto's HMAC) */
  keyedHash?: KeyedHash | undefined;
  /** How long a visitor waits for his click to be committed. (Default: 1,000) */
  patienceMs?: number | undefined;
  /** Told of hits that were not stored. */
  onNotStored?: ((hits: number, reason: unknown) => void) | undefined;
}

const oldestReportMs = 72 * 3_600_000;
const clockToleranceMs = 60_000;

/** Opens the clicks of an installation: one recorder, one cache of links and one flood limit per process. */
export function createClicks(options: ClicksOptions): Clicks {
  const { database, keyRing, clock } = options;
  const links = options.linkCache ?? createLinkCache({ database });
  const floods = options.floodLimit ?? createFloodLimit({});
  const tokens = createTokenHasher(keyRing, options.keyedHash);
  const recorder = createHitRecorder({
    store: options.store ?? repository.storeThroughDatabase(database),
    clock,
    onNotStored: options.onNotStored,
    ...(options.patienceMs === undefined ? {} : { patienceMs: options.patienceMs }),
  });

  function recordAs(
    link: Extract<Link, { kind: 'open' }>,
    opening: Opening,
    hitClass: TrafficClass | 'join',
  ): Promise<OpeningOutcome> {
    if (floods.isAbove(opening.address, link.codeId)) {
      recorder.countFlood(link.codeId);
      return Promise.resolve('flooded');
    }
    const hit = {
      codeId: link.codeId,
      class: hitClass,
      channel: opening.channel,
      platform: null,
      locale: null,
      occurredAt: null,
      clickId: null,
      tokenHash: null,
      duplicateWindowMinutes: link.duplicateWindowMinutes,
    };
    if (!isClickToken(opening.token)) return recorder.record(hit);
    const hashed = tokens.hash(link.orgId, opening.token);
    if (typeof hashed === 'string') return recorder.record({ ...hit, tokenHash: hashed });
    return hashed.then((tokenHash) => recorder.record({ ...hit, tokenHash }));
  }

  function readOccurredAt(given: Date | null | undefined): string | null {
    if (given === null || given === undefined) return null;
    const age = (clock === undefined ? Date.now() : clock().getTime()) - given.getTime();
    return age <= oldestReportMs && age >= -clockToleranceMs ? given.toISOString() : null;
  }

  return {
    figures: recorder.figures,
    flush: recorder.flush,
    forget: links.forget,
    listClicks: repository.listClicks,
    countClicks: repository.countClicks,
    deleteClick: (session, clickId) => repository.deleteClick(session, requireUuid(clickId, 'click_id')),

    lookUp(code) {
      const stored = isCode(code) ? code : readCode(code);
      return stored === null ? null : links.lookUp(stored);
    },

    recordOpening: (link, opening) => recordAs(link, opening, classifyTraffic(opening.signs)),

    missOpening({ code }) {
      recorder.countNotStored(new VerveError('database_unavailable', `Nothing is known of code ${code} just now.`));
      return 'not_stored';
    },

    recordJoinPress(link, opening) {
      // A press comes as a POST, which an opening never does; its other signs tell a machine as they do there.
      const pressedBy = classifyTraffic({ ...opening.signs, method: 'GET' });
      return recordAs(link, opening, pressedBy === 'human' ? 'join' : pressedBy);
    },

    async recordReferralClick(code, click = {}) {
      const stored = readCode(code);
      const link = stored === null ? null : await links.lookUp(stored);
      if (link === null || link.kind === 'unknown') return { outcome: 'rejected', reason: 'unknown_code' };
      if (click.orgId !== undefined && link.kind !== 'unavailable' && link.orgId !== click.orgId) {
        return { outcome: 'rejected', reason: 'unknown_code' };
      }
      if (link.kind === 'ended') return { outcome: 'rejected', reason: 'code_ended', mentorId: link.mentorId };
      if (link.kind === 'unavailable')
        throw new VerveError('database_unavailable', undefined, { retryAfterSeconds: 2 });
      if (click.token !== undefined && click.token !== null && !isClickToken(click.token)) {
        throw new VerveError('invalid_metadata', 'A token is 16 to 128 letters, digits or any of ._~-', {
          fields: [{ field: 'session_token', message: 'must be 16 to 128 letters, digits or any of ._~-' }],
        });
      }
      if (floods.isAbove(click.address ?? '', link.codeId)) {
        recorder.countFlood(link.codeId);
        return { outcome: 'rejected', reason: 'flood_limit', mentorId: link.mentorId };
      }
      const metadata = click.metadata ?? noMetadata;
      const hitClass =
        click.userAgent === null || click.userAgent === undefined ? 'human' : classifyAgent(click.userAgent);
      const occurredAt = readOccurredAt(click.occurredAt);
      const clickId = await makeClickId(keyRing, link.orgId);
      const outcome = await recorder.record({
        codeId: link.codeId,
        class: hitClass,
        channel: metadata.shareChannel,
        platform: metadata.platform,
        locale: metadata.locale,
        occurredAt,
        clickId,
        tokenHash: isClickToken(click.token) ? await tokens.hash(link.orgId, click.token) : null,
        duplicateWindowMinutes: link.duplicateWindowMinutes,
      });
      switch (outcome) {
        case 'stored':
          return {
            outcome: 'recorded',
            clickId,
            code: link.code,
            orgId: link.orgId,
            mentorId: link.mentorId,
            class: hitClass,
            occurredAt: occurredAt === null ? null : new Date(occurredAt),
          };
        case 'duplicate':
          return { outcome: 'deduplicated', code: link.code, orgId: link.orgId, mentorId: link.mentorId };
        case 'inactive':
          return { outcome: 'rejected', reason: 'code_ended', mentorId: link.mentorId };
        case 'late':
        case 'not_stored':
          throw new VerveError('database_unavailable', undefined, { retryAfterSeconds: 2 });
      }
    },

    async getClick(session, clickId) {
      const id = requireUuid(clickId, 'click_id');
      const found = await repository.findClick(session, id);
      if (found !== null) return found;
      return (await isOwnClickId(keyRing, session.orgId, id)) ? 'pruned' : null;
    },

    async findClickForToken(session, wanted) {
      return repository.findTokenClick(session, {
        tokenHashes: await tokens.hashes(wanted.orgId, wanted.token),
        registeredAt: wanted.registeredAt,
        windowHours: Math.min(wanted.windowHours ?? 72, 720),
        mode: wanted.mode ?? 'last',
      });
    },
  };
}
