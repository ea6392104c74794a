import { authoriseAboutMentor } from '../branches/authorise-about-mentor.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import { shareableUrl } from '../links/shareable-url.ts';
import { makePage, type Page, type PageRequest, readPageRequest } from '../paging.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { branchesAllowed } from '../permissions.ts';
import { type ReferralCode, toReferralCode } from './code.ts';
import { type NearCode, nearestCodes } from './nearest-codes.ts';
import { mentorOf, type OwnerInput, readOwner } from './owner.ts';
import { readCode } from './read-code.ts';
import {
  type CodeFilter,
  countCodes,
  findActiveCode,
  findByCode,
  findCodeById,
  listCodeStrings,
  listCodes,
  locateCode,
} from './repository.ts';

export type ValidateOutcome =
  | { outcome: 'valid'; code: ReferralCode }
  /** It was a code and is none any more. */
  | { outcome: 'ended'; code: ReferralCode }
  /** Nobody ever had it, or it cannot be a code at all. */
  | { outcome: 'unknown' };

/** What a list of codes is narrowed to. */
export type CodeListFilter = Omit<CodeFilter, 'branchIds'>;

/** The operations on codes that never write. */
export function createCodeReading(parts: EngineParts) {
  return {
    /** The owner's active code, or null = none. */
    async getActiveCode(input: Call & OwnerInput): Promise<ReferralCode | null> {
      const owner = readOwner(input);
      return inOrganisation(parts, input, async (session) => {
        await authoriseAboutMentor(session, input.actor, 'code.read', mentorOf(owner));
        const row = await findActiveCode(session, owner);
        return row === null ? null : toReferralCode(row);
      });
    },

    /** The mentor's newest code of any status, or null = never had one. */
    async getCodeForMentor(input: Call & { mentorId: string }): Promise<ReferralCode | null> {
      const owner = readOwner({ mentorId: input.mentorId });
      return inOrganisation(parts, input, async (session) => {
        await authoriseAboutMentor(session, input.actor, 'code.read', owner.ownerRef);
        const [row] = await listCodes(session, owner, { limit: 1, after: null, offset: 0 });
        return row === undefined ? null : toReferralCode(row);
      });
    },

    /** A code by its id. Refuses with `not_found`, also for another organisation's. */
    async get(input: Call & { codeId: string }): Promise<ReferralCode> {
      const codeId = requireUuid(input.codeId, 'code_id');
      return inOrganisation(parts, input, async (session) => {
        const row = await findCodeById(session, codeId);
        if (row === null) throw new VerveError('not_found');
        await authoriseAboutMentor(session, input.actor, 'code.read', row.mentorId);
        return toReferralCode(row);
      });
    },

    /** A code of any status by its string, read as people type it, or null = none in this organisation. */
    async findByCode(input: Call & { code: string }): Promise<ReferralCode | null> {
      const code = readCode(input.code);
      if (code === null) return null;
      return inOrganisation(parts, input, async (session) => {
        const row = await findByCode(session, code);
        if (row === null) return null;
        await authoriseAboutMentor(session, input.actor, 'code.read', row.mentorId);
        return toReferralCode(row);
      });
    },

    /** Whether the string has ever been anybody's code, in any organisation and status. */
    async existsByCode(typed: string): Promise<boolean> {
      const code = readCode(typed);
      if (code === null) return false;
      return parts.database.transaction(
        { role: 'none' },
        async (session) => (await locateCode(session, code)) !== null,
      );
    },

    /** The organisation's codes, newest first; a coordinator of branches gets those of the mentors in them. */
    async listCodesByOrganisation(
      input: Call & { page?: PageRequest; filter?: CodeListFilter },
    ): Promise<Page<ReferralCode>> {
      const page = readPageRequest(input.page ?? {});
      const branchIds = branchesAllowed(input.actor, 'code.read');
      return inOrganisation(parts, input, async (session) => {
        const rows = await listCodes(session, { ...input.filter, branchIds }, { ...page, limit: page.limit + 1 });
        const { items, next } = makePage(rows, page.limit);
        return { items: items.map(toReferralCode), next };
      });
    },

    /** How many codes `listCodesByOrganisation` goes through. */
    async countCodesByOrganisation(input: Call & { filter?: CodeListFilter }): Promise<number> {
      const branchIds = branchesAllowed(input.actor, 'code.read');
      return inOrganisation(parts, input, (session) => countCodes(session, { ...input.filter, branchIds }));
    },

    /**
     * Whether a string that somebody typed or opened is a code, over all organisations. For the public pages: it asks
     * nobody's leave, so show no more of it than the organisation and that the code works.
     */
    async validateCode(typed: string): Promise<ValidateOutcome> {
      const code = readCode(typed);
      if (code === null) return { outcome: 'unknown' };
      const place = await parts.database.transaction({ role: 'none' }, (session) => locateCode(session, code));
      if (place === null) return { outcome: 'unknown' };
      const row = await parts.database.transaction({ role: 'verve_engine', orgId: place.orgId }, (session) =>
        findCodeById(session, place.codeId),
      );
      if (row === null) return { outcome: 'unknown' };
      const found = toReferralCode(row);
      return { outcome: found.status === 'active' ? 'valid' : 'ended', code: found };
    },

    /**
     * The link to share: `https://{domain}/join/{code}`. Refuses with `missing_link_domain`, `invalid_link_scheme` or
     * `link_domain_not_allowed`.
     *
     * @param input.domain One of the organisation's link domains. (Default: its first)
     */
    async getShareableUrl(input: Call & { codeId: string; domain?: string | undefined }): Promise<string> {
      const codeId = requireUuid(input.codeId, 'code_id');
      return inOrganisation(parts, input, async (session) => {
        const row = await findCodeById(session, codeId);
        if (row === null) throw new VerveError('not_found');
        await authoriseAboutMentor(session, input.actor, 'code.share', row.mentorId);
        const linkDomain = input.domain ?? row.linkDomains[0] ?? null;
        const link = shareableUrl({ code: row.code, linkDomain, allowedDomains: row.linkDomains });
        if (link.outcome === 'refused') throw new VerveError(link.code);
        return link.url;
      });
    },

    /** The five codes of the organisation that somebody most likely meant by an unknown one, nearest first. */
    async suggestCodes(
      input: Call & { typed: string },
    ): Promise<NearCode<{ code: string; codeId: string; mentorId: string | null }>[]> {
      branchesAllowed(input.actor, 'inbox.read');
      return inOrganisation(parts, input, async (session) => nearestCodes(input.typed, await listCodeStrings(session)));
    },
  };
}
