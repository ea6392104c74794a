import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { shareableUrl } from '../links/shareable-url.ts';
import { sealSecret, unsealSecret } from '../organisations/seal-secret.ts';
import { insertSecret } from '../organisations/secrets-repository.ts';
import { readSettings } from '../organisations/settings.ts';
import type { EngineParts } from '../parts.ts';
import { type CodeKey, type CodeOwner, generateCodes, importCodeKey } from './generate-code.ts';
import { type CodeMakings, insertCodes, type NewCode, readMakings, reserveCodes } from './issue-repository.ts';
import { findTakenCodes } from './repository.ts';

/** A code wanted for an owner. */
export interface WantedCode extends CodeOwner {
  rotationSequence: number;
}

/** Makes and stores codes for owners that are locked and have no active one. */
export interface CodeMaker {
  /** Makes codes from the organisation's newest secret; gives them in the order of the wishes. */
  make(session: Session, wanted: readonly WantedCode[]): Promise<NewCode[]>;
  /** Stores a string that the host chose. Refuses with `code_taken` when anybody ever had it. */
  take(session: Session, wanted: WantedCode, code: string): Promise<NewCode>;
}

/** With 50 bits a single collision is rare; this many in a row mean that something else is wrong. */
const mostAttempts = 20;
const keysKept = 1_000;

export function createCodeMaker(parts: Pick<EngineParts, 'keyRing' | 'random'>): CodeMaker {
  const keys = new Map<string, CodeKey>();

  async function openKey(session: Session, makings: CodeMakings): Promise<{ key: CodeKey; version: number }> {
    const { orgId } = session;
    if (makings.secretVersion === null || makings.sealedSecret === null) {
      // An organisation made by other means than ours has no code secret yet.
      const name = { orgId, purpose: 'code', version: 1 } as const;
      await insertSecret(session, {
        purpose: 'code',
        version: 1,
        sealed: await sealSecret(parts.keyRing, name, parts.random.bytes(32)),
      });
      return openKey(session, await requireMakings(session));
    }
    const version = makings.secretVersion;
    const known = keys.get(`${orgId}/${version}`);
    if (known !== undefined) return { key: known, version };
    const secret = await unsealSecret(parts.keyRing, { orgId, purpose: 'code', version }, makings.sealedSecret);
    const key = await importCodeKey(secret);
    if (keys.size >= keysKept) keys.clear();
    keys.set(`${orgId}/${version}`, key);
    return { key, version };
  }

  function complete(
    makings: CodeMakings,
    wanted: WantedCode,
    made: Pick<NewCode, 'code' | 'secretVersion' | 'attempt'>,
  ) {
    const link = shareableUrl({
      code: made.code,
      linkDomain: makings.linkDomains[0] ?? null,
      allowedDomains: makings.linkDomains,
    });
    return {
      ...wanted,
      ...made,
      id: parts.random.uuid(),
      referralUrl: link.outcome === 'url' ? link.url : null,
      lifetimeDays: readSettings(makings.settings).codes.lifetimeDays,
    };
  }

  return {
    async make(session, wanted) {
      const makings = await requireMakings(session);
      const { key, version } = await openKey(session, makings);
      const made: (NewCode | undefined)[] = wanted.map(() => undefined);
      for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
        const places = made.flatMap((code, place) => (code === undefined ? [place] : []));
        if (places.length === 0) break;
        const inputs = places.map((place) => ({ ...(wanted[place] as WantedCode), orgId: session.orgId, attempt }));
        const candidates = await generateCodes(key, inputs);
        const taken = await findTakenCodes(session, candidates);
        const reserved = await reserveCodes(session, [...new Set(candidates.filter((code) => !taken.has(code)))]);
        places.forEach((place, i) => {
          const code = candidates[i] as string;
          if (!reserved.delete(code)) return;
          made[place] = complete(makings, wanted[place] as WantedCode, { code, secretVersion: version, attempt });
        });
      }
      const codes = made.filter((code) => code !== undefined);
      if (codes.length < wanted.length) throw new VerveError('internal_error', 'No free code was found.');
      await insertCodes(session, codes);
      return codes;
    },

    async take(session, wanted, code) {
      const makings = await requireMakings(session);
      if (!(await reserveCodes(session, [code])).has(code)) throw new VerveError('code_taken');
      const row = complete(makings, wanted, { code, secretVersion: null, attempt: 0 });
      await insertCodes(session, [row]);
      return row;
    },
  };
}

async function requireMakings(session: Session): Promise<CodeMakings> {
  const makings = await readMakings(session);
  if (makings === null) throw new VerveError('not_found');
  return makings;
}
