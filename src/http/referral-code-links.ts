import { z } from '@hono/zod-openapi';
import { qrUrl } from '../engine/links/shareable-url.ts';
import { makeQrPng } from '../engine/qr/qr-png.ts';
import { makeQrSvg } from '../engine/qr/qr-svg.ts';
import { callersWho } from './access.ts';
import { idParams, wholeNumber } from './lists/schemas.ts';
import { missingLinkDomain } from './missing-link-domain.ts';
import { type Incoming, operation } from './operation.ts';
import { codeOf } from './referral-codes.ts';

const tag = 'Referral codes';

const qrQuery = z.object({
  size: wholeNumber(100, 4000).optional().openapi({
    description:
      'Width in pixels. (Default: 260 for SVG, 520 for PNG, which takes the largest whole number of pixels a module that fits)',
  }),
});

async function qrText(
  incoming: Incoming<{ id: string }, unknown, unknown>,
): Promise<{ text: string; code: string; colour: string | null }> {
  const { code } = await codeOf(incoming);
  const organisation = await incoming.runtime.verve.organisations.recent(incoming.orgId);
  const allowedDomains = organisation?.linkDomains ?? [];
  const link = qrUrl({ code, linkDomain: allowedDomains[0] ?? null, allowedDomains });
  if (link.outcome !== 'url') throw await missingLinkDomain(incoming);
  return { text: link.url, code, colour: organisation?.brand.colour ?? null };
}

/** What is shared of a code: its link, and the picture of it. */
export const referralCodeLinks = [
  operation({
    id: 'getReferralCodeUrl',
    method: 'get',
    path: '/api/v1/referral-codes/{id}/url',
    tag,
    summary: 'Read the link of a code',
    access: callersWho('code.read'),
    params: idParams,
    answers: {
      200: {
        description: 'The link to share.',
        schema: z.object({ url: z.string() }),
        example: { url: 'https://verv.lydhor.example/join/3PKCM78AQS' },
      },
    },
    problems: ['missing_link_domain'],
    handle: async (incoming) => {
      const { url } = await codeOf(incoming);
      if (url === null) throw await missingLinkDomain(incoming);
      return { status: 200, body: { url } };
    },
  }),
  operation({
    id: 'getReferralCodeQrSvg',
    method: 'get',
    path: '/api/v1/referral-codes/{id}/qr.svg',
    tag,
    summary: 'QR code as SVG',
    access: callersWho('code.read'),
    params: idParams,
    query: qrQuery,
    answers: { 200: { description: 'The picture.', schema: z.string(), contentType: 'image/svg+xml' } },
    problems: ['missing_link_domain'],
    handle: async (incoming) => {
      const { text, code, colour } = await qrText(incoming);
      const raw = makeQrSvg({ text, colour, title: code, size: incoming.query.size ?? 260 });
      return { status: 200, raw, headers: { 'content-type': 'image/svg+xml; charset=utf-8' } };
    },
  }),
  operation({
    id: 'getReferralCodeQrPng',
    method: 'get',
    path: '/api/v1/referral-codes/{id}/qr.png',
    tag,
    summary: 'QR code as PNG',
    access: callersWho('code.read'),
    params: idParams,
    query: qrQuery,
    answers: {
      200: { description: 'The picture.', schema: z.string().openapi({ format: 'binary' }), contentType: 'image/png' },
    },
    problems: ['missing_link_domain'],
    handle: async (incoming) => {
      const { text, colour } = await qrText(incoming);
      const bytes = makeQrPng({ text, colour, size: incoming.query.size ?? 520 });
      return { status: 200, raw: new Uint8Array(bytes), headers: { 'content-type': 'image/png' } };
    },
  }),
];
