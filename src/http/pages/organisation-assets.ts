import type { Organisation } from '../../engine/organisations/organisation.ts';
import type { PublicPagesOptions } from './pages-options.ts';
import { drawPreviewPicture } from './preview-picture.ts';

/** Preview pictures that are kept, by organisation and version; about 20 kB each. */
const picturesKept = 100;
const pictures = new Map<string, Uint8Array<ArrayBuffer>>();

/** `/assets/organisations/{slug}/logo` and `/preview.png`: what is public of a brand. null = no such file. */
export async function organisationAsset(url: URL, options: PublicPagesOptions): Promise<Response | null> {
  const [, slug, name] = /^\/assets\/organisations\/([a-z0-9-]{1,63})\/(logo|preview\.png)$/.exec(url.pathname) ?? [];
  if (slug === undefined || name === undefined) return null;
  const { organisations } = options.verve;
  const orgId = await organisations.findIdBySlug(slug);
  const organisation = orgId === null ? null : await organisations.recent(orgId);
  if (organisation === null || organisation.offboardedAt !== null) return null;
  const logo = organisation.logoType === null ? null : await organisations.getLogo({ orgId: organisation.orgId });
  if (name === 'preview.png') return send(picture(organisation, logo), 'image/png', 'public, max-age=86400');
  if (logo === null) return null;
  // The logo's address carries the version that it was linked with.
  const caching = url.searchParams.has('v') ? 'public, max-age=31536000, immutable' : 'public, max-age=300';
  return send(new Uint8Array(logo.bytes), logo.type, caching);
}

function picture(
  organisation: Organisation,
  logo: { bytes: Uint8Array; type: string } | null,
): Uint8Array<ArrayBuffer> {
  const key = `${organisation.orgId}/${organisation.updatedAt.getTime()}`;
  const known = pictures.get(key);
  if (known !== undefined) return known;
  if (pictures.size >= picturesKept) pictures.delete(pictures.keys().next().value ?? '');
  const drawn = drawPreviewPicture(organisation.brand.colour, logo?.type === 'image/png' ? logo.bytes : null);
  pictures.set(key, drawn);
  return drawn;
}

function send(bytes: Uint8Array<ArrayBuffer>, type: string, caching: string): Response {
  return new Response(bytes, {
    headers: {
      'content-type': type,
      'cache-control': caching,
      // An SVG opened by itself runs nothing and loads nothing.
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'cross-origin',
    },
  });
}
