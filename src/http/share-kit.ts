import { z } from '@hono/zod-openapi';
import { VerveError } from '../engine/errors.ts';
import { shareChannels } from '../engine/share/channels.ts';
import { makeShareKit } from '../engine/share/share-kit.ts';
import { languages } from '../engine/words/language.ts';
import { speak } from '../engine/words/words.ts';
import { callersWho } from './access.ts';
import { idParams } from './lists/schemas.ts';
import { missingLinkDomain } from './missing-link-domain.ts';
import { operation } from './operation.ts';
import { toWire } from './wire.ts';

const shareItemSchema = z
  .object({
    channel: z.enum(shareChannels),
    url: z.string().openapi({ description: 'The channel’s own link: its clicks are told apart by it.' }),
    text: z.string(),
    subject: z.string(),
    open_url: z.string().nullable().openapi({
      description: 'Opens the channel with the text filled in; null = it has no such address (print, copying).',
    }),
  })
  .openapi('ShareItem');

export const shareKit = [
  operation({
    id: 'getShareKit',
    method: 'get',
    path: '/api/v1/referral-codes/{id}/share-kit',
    tag: 'Referral codes',
    summary: 'What a mentor shares, by channel',
    description:
      'Link, ready text in the organisation’s words, and the address that opens the channel. The mentor sends; Verve never does. ' +
      'A share that was completed is told by POST.',
    access: callersWho('code.share'),
    params: idParams,
    query: z.object({
      language: z.enum(languages).optional().openapi({ description: '(Default: the organisation’s)' }),
      platform: z
        .enum(['ios', 'android', 'other'])
        .optional()
        .openapi({ description: 'iOS has an SMS address of its own. (Default: other, which serves both)' }),
    }),
    answers: {
      200: { description: 'One item for every channel.', schema: z.object({ data: z.array(shareItemSchema) }) },
    },
    problems: ['missing_link_domain'],
    handle: async (incoming) => {
      const { runtime, orgId, actor, params, query } = incoming;
      const { code } = await runtime.verve.codes.get({ orgId, actor, codeId: params.id });
      const organisation = await runtime.verve.organisations.recent(orgId);
      if (organisation === null) throw new VerveError('not_found');
      const { linkDomains: allowedDomains, name: org, terms, brand, locale } = organisation;
      const say = speak({ language: query.language ?? locale, org, terms, sentences: brand.sentences });
      const link = { code, linkDomain: allowedDomains[0] ?? null, allowedDomains };
      const kit = makeShareKit(link, say, {
        platform: query.platform ?? 'other',
        facebookAppId: organisation.settings.share.facebookAppId,
      });
      if (kit.outcome === 'refused') {
        throw kit.code === 'missing_link_domain' ? await missingLinkDomain(incoming) : new VerveError(kit.code);
      }
      return { status: 200, body: { data: toWire(kit.items) } };
    },
  }),
];
