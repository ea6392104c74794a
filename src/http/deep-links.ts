import { z } from '@hono/zod-openapi';
import { displayCode } from '../engine/codes/read-code.ts';
import { VerveError } from '../engine/errors.ts';
import { type ResolvedLink, resolveLink } from '../engine/join/resolve-link.ts';
import { shareableUrl } from '../engine/links/shareable-url.ts';
import { shareChannels } from '../engine/share/channels.ts';
import { lookupLimit } from './access.ts';
import { operation } from './operation.ts';

const text = z.string().min(1).max(2_048);
const body = z.strictObject({
  url: text.optional().openapi({ description: 'A link that an app was opened with, or a code as a person typed it.' }),
  install_referrer: text.optional().openapi({ description: 'What the Play Store handed over at the first start.' }),
});

const parsedLinkSchema = z
  .object({
    kind: z.enum(['referral', 'malformed', 'other']).openapi({
      description:
        '`referral`: follow it. `malformed`: meant for us, but its code is missing or unreadable; go nowhere and tell the person. ' +
        '`other`: not ours (a BankID or Vipps callback, say); pass it on untouched.',
    }),
    form: z.string().nullable().openapi({ example: 'qr' }),
    reason: z.enum(['missing_code', 'unreadable_code']).nullable(),
    code: z.string().nullable().openapi({ example: '3PKCM78AQS' }),
    display_code: z.string().nullable().openapi({ example: '3PKCM-78AQS' }),
    channel: z.enum(shareChannels).nullable(),
    state: z
      .enum(['valid', 'replaced', 'expired', 'ended', 'unknown'])
      .nullable()
      .openapi({ description: '`replaced` still counts; the last three do not.' }),
    organisation: z.object({ slug: z.string(), name: z.string(), locale: z.string() }).nullable(),
    join_url: z
      .string()
      .nullable()
      .openapi({ description: 'The join page in a browser; null = no link domain is set.' }),
  })
  .openapi('ParsedLink');

function answerOf({ parsed, state, organisation }: ResolvedLink): z.output<typeof parsedLinkSchema> {
  const code = parsed.kind === 'referral' ? parsed.code : null;
  const allowedDomains = organisation?.linkDomains ?? [];
  const link = code === null ? null : shareableUrl({ code, linkDomain: allowedDomains[0] ?? null, allowedDomains });
  return {
    kind: parsed.kind,
    form: parsed.kind === 'other' ? null : parsed.form,
    reason: parsed.kind === 'malformed' ? parsed.reason : null,
    code,
    display_code: code === null ? null : displayCode(code),
    channel: parsed.kind === 'referral' ? parsed.channel : null,
    state,
    organisation:
      organisation === null ? null : { slug: organisation.slug, name: organisation.name, locale: organisation.locale },
    join_url: link?.outcome === 'url' ? link.url : null,
  };
}

export const deepLinks = [
  operation({
    id: 'parseDeepLink',
    method: 'post',
    path: '/api/v1/deep-links/parse',
    tag: 'Links',
    summary: 'Understand a link',
    description:
      'Every form ever documented: `/join/CODE`, `/join?ref=CODE`, `/referral/CODE`, `/r/`, `/q/`, `app://referral?token=CODE`, ' +
      '`app://onboarding?ref=CODE`, an install referrer, a typed code. Records nothing.',
    access: { to: 'anybody', limit: lookupLimit },
    body,
    bodyExample: { url: 'https://verv.example.no/q/3PKCM78AQS' },
    answers: { 200: { description: 'What the link is.', schema: parsedLinkSchema } },
    runsAnew: true,
    handle: async ({ body: given, runtime }) => {
      const { url, install_referrer: referrer } = given;
      if ((url === undefined) === (referrer === undefined)) {
        const message = 'send exactly one of url and install_referrer';
        throw new VerveError('invalid_request', 'Send one link.', { fields: [{ field: 'url', message }] });
      }
      const resolved = await resolveLink(runtime.verve.join, {
        text: url ?? referrer ?? '',
        isInstallReferrer: url === undefined,
        ownHost: new URL(runtime.publicUrl).host,
      });
      return { status: 200, body: answerOf(resolved) };
    },
  }),
];
