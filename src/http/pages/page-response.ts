import { brandStyle, printBrandStyle } from './brand-style.ts';
import type { Html } from './html.ts';

export interface PageResponseOptions {
  /** (Default: 200.) */
  status?: number;
  /** The organisation's colour, whose style the policy lets in by its hash. */
  colour: string | null;
  /** Origin of the organisation's own join page, to which a form may lead; null = forms stay here. */
  formOrigin?: string | null;
  /** (Default: the screen's style.) */
  medium?: 'screen' | 'print';
  headers?: Readonly<Record<string, string>>;
}

const hashes = new Map<string, Promise<string>>();
/** Colours whose hash is kept; beyond it the oldest go. */
const hashesKept = 500;

/** A style, as a content-security policy lets it in. */
export async function hashOf(style: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
}

function styleHash(style: string): Promise<string> {
  const known = hashes.get(style);
  if (known !== undefined) return known;
  if (hashes.size >= hashesKept) hashes.delete(hashes.keys().next().value ?? '');
  const made = hashOf(style);
  hashes.set(style, made);
  return made;
}

/**
 * A page as an answer: no script, no foreign request, no frame, nothing kept by browsers or proxies, nothing told to
 * the next site. Sets no cookie.
 */
export async function pageResponse(page: Html, options: PageResponseOptions): Promise<Response> {
  const style = options.medium === 'print' ? printBrandStyle(options.colour) : brandStyle(options.colour);
  const policy = [
    "default-src 'none'",
    `style-src 'self' ${await styleHash(style)}`,
    "img-src 'self' data:",
    "font-src 'self'",
    `form-action 'self'${options.formOrigin == null ? '' : ` ${options.formOrigin}`}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return new Response(page.markup, {
    status: options.status ?? 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'cache-control': 'private, no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), interest-cohort=()',
      vary: 'Accept-Language',
      ...options.headers,
    },
  });
}
