import type { Runtime } from './runtime.ts';

/** The organisation that a public request is about: its code's, else the one named by slug; null = not known. */
export async function organisationOfCode(
  runtime: Runtime,
  code: string | undefined,
  slug?: string | undefined,
): Promise<string | null> {
  const link = code === undefined ? null : await runtime.verve.clicks.lookUp(code);
  if (link !== null && 'orgId' in link) return link.orgId;
  return slug === undefined ? null : runtime.verve.organisations.findIdBySlug(slug);
}
