import { shareableUrl } from '../links/shareable-url.ts';
import type { CodeOwner } from './generate-code.ts';

export type CodeStatus = 'active' | 'rotated' | 'invalidated';

/** A referral code as stored. */
export interface CodeRow extends CodeOwner {
  id: string;
  orgId: string;
  mentorId: string | null; // null = the owner is no mentor
  code: string;
  status: CodeStatus;
  secretVersion: number | null; // null = a host gave the string itself
  rotationSequence: number;
  attempt: number;
  referralUrl: string | null; // null = there was no link domain when it was made
  createdAt: Date;
  expiresAt: Date | null; // null = no lifetime
  rotatedAt: Date | null;
  invalidatedAt: Date | null;
  invalidatedReason: string | null;
  /** Whether its lifetime had ended when it was read: then it counts as rotated, since `expiresAt`. */
  isExpired: boolean;
  linkDomains: string[];
}

/** A referral code as everybody sees it. */
export interface ReferralCode extends CodeOwner {
  codeId: string;
  orgId: string;
  mentorId: string | null; // null = the owner is no mentor
  code: string;
  /** An expired code reads as `rotated`. */
  status: CodeStatus;
  /** The link on the organisation's domain as it is today; null = the organisation has none. */
  url: string | null;
  secretVersion: number | null; // null = a host gave the string itself
  rotationSequence: number;
  attempt: number;
  createdAt: Date;
  expiresAt: Date | null; // null = no lifetime
  rotatedAt: Date | null; // null = never rotated; an expired code was rotated when it expired
  invalidatedAt: Date | null; // null = never invalidated
  invalidatedReason: string | null;
}

/** Makes of a row what everybody sees. */
export function toReferralCode(row: CodeRow): ReferralCode {
  const { id, referralUrl, isExpired, linkDomains, ...rest } = row;
  const link = shareableUrl({ code: row.code, linkDomain: linkDomains[0] ?? null, allowedDomains: linkDomains });
  const isRotatedByTime = isExpired && row.status === 'active';
  return {
    codeId: id,
    ...rest,
    status: isRotatedByTime ? 'rotated' : row.status,
    rotatedAt: isRotatedByTime ? row.expiresAt : row.rotatedAt,
    url: link.outcome === 'url' ? link.url : referralUrl,
  };
}
