import { combine } from '../combine.ts';
import type { Database } from '../database.ts';
import { joinTarget } from '../links/join-target.ts';
import { findCodeIds, type LinkRow, readLinks } from './link-repository.ts';

/** What a code stands for when its link is opened. */
export type Link =
  | {
      kind: 'open';
      code: string;
      codeId: string;
      orgId: string;
      mentorId: string | null; // null = the code's owner is no mentor
      /** The organisation's own join page with the code filled in; null = it has none, ours answers. */
      target: string | null;
      duplicateWindowMinutes: number;
    }
  /** Rotated, invalidated or past its lifetime. */
  | { kind: 'ended'; code: string; orgId: string; mentorId: string | null }
  | { kind: 'unknown'; code: string }
  /** The database does not answer and nothing is remembered of this code. */
  | { kind: 'unavailable'; code: string };

/** A change that servers hear of: what changed, and its id. */
export interface LinkChange {
  kind: 'code' | 'organisation';
  id: string;
}

export interface LinkCache {
  /** The link of a code as stored (ten characters). At once when it is remembered freshly enough. Never rejects. */
  lookUp(code: string): Link | Promise<Link>;
  /** Lets go of what a change concerns: the next look-up asks the database. */
  forget(change: LinkChange): void;
}

interface Kept {
  link: Link;
  readMs: number;
  expiresMs: number | null; // null = no lifetime
}

/**
 * Remembers links for at most five seconds (spec §5), asks again in the background before that, and only while the
 * database does not answer serves what it remembered last. Bounded: the longest held goes first, and unknown codes have a
 * place of their own, so that guessing pushes nothing out.
 */
export function createLinkCache(options: {
  database: Database;
  /** (Default: Date.now) */
  nowMs?: () => number;
  /** (Default: 5,000; never more) */
  freshMs?: number;
  /** How long a visitor waits for the database when an older answer is at hand. (Default: 250) */
  patienceMs?: number;
  /** How long when none is. (Default: 3,000) */
  longPatienceMs?: number;
  /** How long an answer may stand in for a database that does not answer. (Default: a day) */
  standInMs?: number;
  /** (Default: 20,000) */
  maxLinks?: number;
}): LinkCache {
  const {
    database,
    nowMs = Date.now,
    patienceMs = 250,
    longPatienceMs = 3_000,
    standInMs = 86_400_000,
    maxLinks = 20_000,
  } = options;
  const freshMs = Math.min(options.freshMs ?? 5_000, 5_000);
  const links = new Map<string, Kept>();
  const unknown = new Map<string, Kept>();
  const asked = new Map<string, Promise<Link>>();
  let changes = 0;
  let downUntilMs = 0;

  const ask = combine<string, LinkRow | null>({
    work: async (codes) => {
      const found = await findCodeIds(database, [...new Set(codes)]);
      const byOrganisation = Map.groupBy(found, (one) => one.orgId);
      const rows = await Promise.all(
        [...byOrganisation].map(([orgId, ones]) =>
          readLinks(
            database,
            orgId,
            ones.map((one) => one.codeId),
          ),
        ),
      );
      const byCode = new Map(rows.flat().map((row) => [row.code, row]));
      return codes.map((code) => byCode.get(code) ?? null);
    },
  });

  function keep(code: string, row: LinkRow | null, isStale: boolean): Link {
    const link = linkOf(code, row);
    const kept: Kept = { link, readMs: isStale ? Number.NEGATIVE_INFINITY : nowMs(), expiresMs: null };
    if (row?.expiresAt) kept.expiresMs = nowMs() + (row.expiresAt.getTime() - row.readAt.getTime());
    const place = row === null ? unknown : links;
    links.delete(code);
    unknown.delete(code);
    const oldest = place.keys().next();
    if (place.size >= maxLinks && !oldest.done) place.delete(oldest.value);
    place.set(code, kept);
    return link;
  }

  function refresh(code: string): Promise<Link> {
    const running = asked.get(code);
    if (running !== undefined) return running;
    const changesBefore = changes;
    const answer = ask(code)
      .then((row) => keep(code, row, changes !== changesBefore))
      .finally(() => asked.delete(code));
    answer.catch(() => {
      downUntilMs = nowMs() + 1_000;
    });
    asked.set(code, answer);
    return answer;
  }

  function standIn(code: string): Link {
    const kept = links.get(code) ?? unknown.get(code);
    if (kept === undefined) return { kind: 'unavailable', code };
    return nowMs() - kept.readMs < standInMs || kept.readMs === Number.NEGATIVE_INFINITY
      ? kept.link
      : { kind: 'unavailable', code };
  }

  function waitFor(code: string, ms: number): Promise<Link> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(standIn(code)), ms);
      refresh(code).then(
        (link) => {
          clearTimeout(timer);
          resolve(link);
        },
        () => {
          clearTimeout(timer);
          resolve(standIn(code));
        },
      );
    });
  }

  return {
    lookUp(code) {
      const kept = links.get(code) ?? unknown.get(code);
      if (kept === undefined) return waitFor(code, longPatienceMs);
      const now = nowMs();
      if (kept.expiresMs !== null && now >= kept.expiresMs && kept.link.kind === 'open') {
        return { kind: 'ended', code, orgId: kept.link.orgId, mentorId: kept.link.mentorId };
      }
      const age = now - kept.readMs;
      if (age >= 0 && age < freshMs) {
        if (age > freshMs * 0.7 && now >= downUntilMs) refresh(code).catch(() => {});
        return kept.link;
      }
      if (now < downUntilMs) return standIn(code);
      return waitFor(code, patienceMs);
    },
    forget(change) {
      changes += 1;
      for (const kept of links.values()) {
        const link = kept.link;
        const isConcerned =
          change.kind === 'organisation'
            ? (link.kind === 'open' || link.kind === 'ended') && link.orgId === change.id
            : link.kind === 'ended' || (link.kind === 'open' && link.codeId === change.id);
        if (isConcerned) kept.readMs = Number.NEGATIVE_INFINITY;
      }
    },
  };
}

function linkOf(code: string, row: LinkRow | null): Link {
  if (row === null) return { kind: 'unknown', code };
  const hasExpired = row.expiresAt !== null && row.expiresAt <= row.readAt;
  if (row.status !== 'active' || hasExpired) {
    return { kind: 'ended', code, orgId: row.orgId, mentorId: row.mentorId };
  }
  return {
    kind: 'open',
    code,
    codeId: row.codeId,
    orgId: row.orgId,
    mentorId: row.mentorId,
    target: joinTarget({ template: row.joinUrlTemplate, allowedDomains: row.linkDomains, code, registrationRef: null }),
    duplicateWindowMinutes: row.duplicateWindowMinutes,
  };
}
