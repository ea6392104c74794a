import { z } from '@hono/zod-openapi';
import { isHexColour } from '../engine/brand/colour.ts';
import { largestLogoBytes } from '../engine/brand/logo.ts';
import { describeReadability } from '../engine/brand/readability.ts';
import { requireMay } from '../engine/permissions.ts';
import { languages } from '../engine/words/language.ts';
import { builtInTerms, type Terms } from '../engine/words/terms.ts';
import { replaceableKeys, speak, wordTables } from '../engine/words/words.ts';
import { callersWho } from './access.ts';
import { idParams } from './lists/schemas.ts';
import { type Answer, type Incoming, operation } from './operation.ts';
import { organisationSchema, requireOwn, showOrganisation } from './organisations.ts';
import { accentTones, neutralColour } from './pages/brand-style.ts';
import { publicOrigin } from './pages/page-context.ts';
import { fromWire, toWire } from './wire.ts';

const tag = 'Organisations';
const hex = z.string().refine(isHexColour, 'must be written #rrggbb');
const term = z.string().trim().min(1).max(60);
const sentence = z.string().trim().min(1).max(400).optional();

const forms = z.strictObject({ singular: term, singular_definite: term, plural: term, plural_definite: term });

const previewBody = z.strictObject({
  language: z.enum(languages),
  colour: hex.nullable().openapi({ description: 'null = none chosen.', example: '#f2a33a' }),
  terms: forms.optional().openapi({ description: 'Four forms in that language. (Default: the built-in words)' }),
  sentences: z
    .strictObject({
      'join.intro': sentence,
      'join.sees.no': sentence,
      'share.message': sentence,
      'share.subject': sentence,
    } satisfies Record<(typeof replaceableKeys)[number], unknown>)
    .optional()
    .openapi({ description: 'Own sentences in that language. (Default: the built-in ones)' }),
});

const ratio = z.number().openapi({ description: 'Contrast, 1 to 21.' });
const tones = z.object({
  base: z.string(),
  hover: z.string(),
  contrast: z.string(),
  tint: z.string(),
  text: z.string(),
  strong: z.string(),
  border: z.string(),
  edge: z.string(),
  tick: z.string(),
});
const texts = z.record(z.string(), z.string());
const previewSchema = z
  .object({
    readability: z.object({
      button: z.object({ text: z.string(), ratio, other: z.string(), other_ratio: ratio }),
      link: z.object({ colour: z.string(), ratio, wished_ratio: ratio }),
      border: z.object({ colour: z.string(), ratio }),
      qr: z.object({ colour: z.string(), ratio }),
    }),
    tones: z.object({ light: tones, dark: tones }),
    words: texts.openapi({ description: 'Sentences of the join page and of sharing as they would read.' }),
    built_in: z.object({
      terms: forms,
      sentences: texts.openapi({ description: 'The sentences that can be replaced, with their placeholders.' }),
    }),
  })
  .openapi('BrandPreview');

const shownKeys = ['join.title', 'join.intro', 'join.sees', 'join.sees.yes', 'join.sees.no', 'join.submit'] as const;

async function preview(incoming: Incoming<{ id: string }, undefined, z.output<typeof previewBody>>): Promise<Answer> {
  requireOwn(incoming);
  requireMay(incoming.actor, 'organisation.change');
  const { body, runtime } = incoming;
  const { language, colour, terms, sentences = {} } = body;
  const organisation = await runtime.verve.organisations.get(incoming);
  const say = speak({
    language,
    org: organisation.name,
    ...(terms === undefined ? {} : { terms: { [language]: fromWire(terms) } as Terms }),
    sentences: { [language]: sentences },
  });
  const url = `${publicOrigin(organisation, runtime.publicUrl)}/join/…`;
  const shared = { 'share.message': say('share.message', { url }), 'share.subject': say('share.subject') };
  const shown = Object.fromEntries(shownKeys.map((key) => [key, say(key)]));
  return {
    status: 200,
    body: {
      readability: toWire(describeReadability(colour ?? neutralColour)),
      tones: { light: accentTones(colour, 'light'), dark: accentTones(colour, 'dark') },
      words: { ...shown, ...shared },
      built_in: {
        terms: toWire(builtInTerms[language]),
        sentences: Object.fromEntries(replaceableKeys.map((key) => [key, wordTables[language][key]])),
      },
    },
  };
}

const one = { 200: { description: 'The organisation.', schema: organisationSchema } };

export const organisationBrand = [
  operation({
    id: 'previewBrand',
    method: 'post',
    path: '/api/v1/organisations/{id}/brand/preview',
    tag,
    summary: 'Try a colour and words',
    description:
      'How readable the colour is, which tones are taken in its place, and how the join page and a shared message would read. Writes nothing.',
    access: callersWho('organisation.change'),
    params: idParams,
    body: previewBody,
    bodyExample: { language: 'nb', colour: '#f2a33a' },
    answers: { 200: { description: 'What it would look like.', schema: previewSchema } },
    runsAnew: true,
    handle: preview,
  }),
  operation({
    id: 'setOrganisationLogo',
    method: 'put',
    path: '/api/v1/organisations/{id}/logo',
    tag,
    summary: 'Set the logo',
    description: `PNG, SVG, WebP or JPEG, at most ${largestLogoBytes / 1000} kB, with its own \`Content-Type\`. Safe to repeat.`,
    access: callersWho('organisation.change'),
    params: idParams,
    bodyForm: {
      raw: 'image/*',
      maxBytes: largestLogoBytes,
      schema: z.string().openapi({ type: 'string', format: 'binary' }),
    },
    bodyExample: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>',
    answers: one,
    problems: ['unprocessable'],
    handle: async (incoming) => {
      requireOwn(incoming);
      const { bytes, request, runtime } = incoming;
      const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
      await runtime.verve.organisations.setLogo({ ...callOf(incoming), logo: { bytes, type } });
      return showNow(incoming);
    },
  }),
  operation({
    id: 'removeOrganisationLogo',
    method: 'delete',
    path: '/api/v1/organisations/{id}/logo',
    tag,
    summary: 'Take the logo away',
    description: 'The first letter of the name stands in its place. Safe to repeat.',
    access: callersWho('organisation.change'),
    params: idParams,
    answers: one,
    handle: async (incoming) => {
      requireOwn(incoming);
      await incoming.runtime.verve.organisations.setLogo({ ...callOf(incoming), logo: null });
      return showNow(incoming);
    },
  }),
];

function callOf({ orgId, actor }: Pick<Incoming<unknown, unknown, unknown>, 'orgId' | 'actor'>) {
  return { orgId, actor };
}

async function showNow(incoming: Incoming<{ id: string }, undefined, undefined>): Promise<Answer> {
  return { status: 200, body: showOrganisation(await incoming.runtime.verve.organisations.get(incoming), true) };
}
