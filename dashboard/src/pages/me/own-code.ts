import { api, problemCode } from '../../api.ts';
import { boot } from '../../boot.ts';

/** The mentor's code with its picture, or why there is none. */
export type OwnCode =
  | { state: 'active'; codeId: string; code: string; url: string | null; qr: string | null; isOffline: boolean }
  | { state: 'paused' | 'ended' };

const keptAs = `verve/${boot.organisation.slug}/${boot.person.mentorId}/code`;

/** Asks for the code. Without network it is the one that this browser kept: code and picture work all the same. */
export async function loadOwnCode(): Promise<OwnCode> {
  try {
    const {
      id: codeId,
      code,
      url,
    } = await api.getOrCreateReferralCode({
      body: { mentor_id: boot.person.mentorId ?? '' },
    });
    const qr = await loadPicture(codeId);
    const own = { state: 'active', codeId, code, url, qr } as const;
    keep(JSON.stringify(own));
    return { ...own, isOffline: false };
  } catch (error) {
    const refusal = problemCode(error);
    if (refusal !== null) localStorage.removeItem(keptAs);
    if (refusal === 'mentor_inactive') return { state: 'paused' };
    if (refusal === 'code_invalidated') return { state: 'ended' };
    const kept = localStorage.getItem(keptAs);
    if (refusal !== null || kept === null) throw error;
    return { ...(JSON.parse(kept) as OwnCode & { state: 'active' }), isOffline: true };
  }
}

/** Keeps the code in this browser, and nobody else's beside it. */
function keep(own: string): void {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(`verve/${boot.organisation.slug}/`) && name !== keptAs) localStorage.removeItem(name);
  }
  localStorage.setItem(keptAs, own);
}

/** The QR picture as a data address; null = the organisation has no link domain yet. */
async function loadPicture(codeId: string): Promise<string | null> {
  try {
    const answer = (await api.getReferralCodeQrSvg({ path: { id: codeId } })) as unknown;
    const text = answer instanceof Response ? await answer.text() : String(answer);
    return `data:image/svg+xml,${encodeURIComponent(text)}`;
  } catch (error) {
    if (problemCode(error) === null) throw error;
    return null;
  }
}
