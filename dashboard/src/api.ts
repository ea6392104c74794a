import { createClient, VerveProblem } from '../../src/client/index.ts';
import { boot, home } from './boot.ts';

/** The generated client, as the signed-in browser. A session that has ended leads to signing in, and back here. */
export const api = createClient({
  baseUrl: location.origin,
  organisation: boot.organisation.slug,
  fetch: async (request) => {
    const response = await fetch(request);
    if (response.status === 401) {
      const next = location.pathname.startsWith(home) ? `${location.pathname}${location.search}` : home;
      location.assign(`/app/sign-in?${new URLSearchParams({ next })}`);
    }
    return response;
  },
});

export { VerveProblem };

/** The code of a refusal, or null for anything else, such as no network. */
export function problemCode(error: unknown): string | null {
  return error instanceof VerveProblem ? error.code : null;
}

/** What the API has for this person; null = there is none, or not for this person. */
export async function orNothing<Answer>(asked: Promise<Answer>): Promise<Answer | null> {
  try {
    return await asked;
  } catch (error) {
    if (['not_found', 'invalid_id', 'forbidden'].includes(problemCode(error) ?? '')) return null;
    throw error;
  }
}
