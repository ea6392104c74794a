import { z } from '@hono/zod-openapi';
import { VerveError } from '../engine/errors.ts';
import type { Organisation } from '../engine/organisations/organisation.ts';
import { requireMay } from '../engine/permissions.ts';
import { callersWho } from './access.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import { idParams, instant, time, timeOrNull } from './lists/schemas.ts';
import { type Incoming, operation } from './operation.ts';
import { logoUrl } from './pages/page-context.ts';
import { organisationSource } from './rows/integration-rows-repository.ts';
import { fromWire, toWire } from './wire.ts';

const tag = 'Organisations';
const free = z.record(z.string(), z.unknown());

export const organisationSchema = z
  .object({
    id: z.string(),
    slug: z.string(),
    name: z.string(),
    locale: z.enum(['nb', 'nn', 'en']),
    time_zone: z.string(),
    terms: free.openapi({ type: 'object', description: 'The organisation’s own words, in its settings’ own names.' }),
    brand: free.openapi({ type: 'object' }),
    logo_url: z.string().nullable().openapi({ description: 'On the server’s own address; null = no logo.' }),
    settings: free.nullable().openapi({
      type: ['object', 'null'],
      description: 'For administrators and keys; otherwise null. Names as in docs/settings.md, in snake_case.',
    }),
    join_url_template: z.string().nullable(),
    link_domains: z.array(z.string()),
    app_ids: z.array(z.unknown()),
    created_at: time,
    updated_at: time,
  })
  .openapi('Organisation');

const changeBody = z.strictObject({
  slug: z.string().max(63).optional(),
  name: z.string().trim().min(1).max(200).optional(),
  locale: z.enum(['nb', 'nn', 'en']).optional(),
  time_zone: z.string().max(64).optional(),
  terms: free.optional().openapi({ type: 'object' }),
  brand: free.optional().openapi({ type: 'object', example: { colour: '#1b6b5f' } }),
  settings: free.optional().openapi({
    type: 'object',
    example: { rules: { review: 'flagged' } },
    description: 'Laid over what is stored, key by key; null goes back to the default.',
  }),
  join_url_template: z.string().max(2000).nullable().optional(),
  link_domains: z.array(z.string().max(253)).max(20).optional(),
  app_ids: z.array(z.unknown()).max(20).optional(),
  expected_updated_at: instant.optional().openapi({
    description: 'The `updated_at` that was read. Where anything has changed since, the change is refused.',
  }),
});

/** Whose keys are somebody's own words: status texts of a membership system, sentences by their names. */
const dataKeys = ['statusMap', 'status_map', 'sentences'];

export function showOrganisation(organisation: Organisation, withSettings: boolean) {
  return {
    id: organisation.orgId,
    slug: organisation.slug,
    name: organisation.name,
    locale: organisation.locale,
    time_zone: organisation.timeZone,
    terms: toWire(organisation.terms),
    brand: toWire(organisation.brand, dataKeys),
    logo_url: logoUrl(organisation),
    settings: withSettings ? toWire(organisation.settings, dataKeys) : null,
    join_url_template: organisation.joinUrlTemplate,
    link_domains: organisation.linkDomains,
    app_ids: toWire(organisation.appIds),
    created_at: organisation.createdAt,
    updated_at: organisation.updatedAt,
  };
}

/** Settings tell who is looked at twice: for administrators and keys. */
function maySeeSettings({ actor }: Pick<Incoming<unknown, unknown, unknown>, 'actor'>): boolean {
  if (actor.kind === 'key') return actor.scopes.includes('admin');
  return actor.kind === 'person' && actor.roles.some((held) => held.role === 'org_admin');
}

/** Refuses any organisation but the one that the request is placed in. */
export function requireOwn(incoming: Incoming<{ id: string }, unknown, unknown>): void {
  if (incoming.params.id !== incoming.orgId) throw new VerveError('not_found');
}

const one = { 200: { description: 'The organisation.', schema: organisationSchema } };
const secretPurposes = ['webhook_signing', 'webhook_key'] as const;

export const organisations = [
  operation({
    id: 'listOrganisations',
    method: 'get',
    path: '/api/v1/organisations',
    tag,
    summary: 'List my organisations',
    description: 'Those in which a person has a role, or the key’s one.',
    access: callersWho('organisation.read'),
    query: z.object(pagingQuery),
    answers: {
      200: listForm(z.object({ id: z.string(), slug: z.string(), name: z.string() }), 'A page of organisations.'),
    },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: (incoming) => {
      requireMay(incoming.actor, 'organisation.read');
      return answerList(incoming, 'listOrganisations', organisationSource, []);
    },
  }),
  operation({
    id: 'getOrganisation',
    method: 'get',
    path: '/api/v1/organisations/{id}',
    tag,
    summary: 'Read an organisation',
    access: callersWho('organisation.read'),
    params: idParams,
    answers: one,
    handle: async (incoming) => {
      requireOwn(incoming);
      return {
        status: 200,
        body: showOrganisation(await incoming.runtime.verve.organisations.get(incoming), maySeeSettings(incoming)),
      };
    },
  }),
  operation({
    id: 'updateOrganisation',
    method: 'patch',
    path: '/api/v1/organisations/{id}',
    tag,
    summary: 'Change an organisation',
    description: 'Profile, words, brand, settings; only what is given. Safe to repeat.',
    access: callersWho('organisation.change'),
    params: idParams,
    body: changeBody,
    bodyExample: { name: 'Lydhør', link_domains: ['verv.lydhor.example'] },
    answers: one,
    problems: ['already_exists', 'changed_meanwhile'],
    handle: async (incoming) => {
      requireOwn(incoming);
      const { orgId, actor, body, runtime } = incoming;
      const {
        time_zone: timeZone,
        join_url_template: joinUrlTemplate,
        link_domains: linkDomains,
        app_ids: appIds,
        terms,
        brand,
        settings,
        expected_updated_at: expected,
        ...rest
      } = body;
      const inner = { terms, brand, settings, appIds };
      const change = Object.fromEntries(
        Object.entries({
          ...rest,
          timeZone,
          joinUrlTemplate,
          linkDomains,
          ...(fromWire(inner, dataKeys) as object),
        }).filter(([, value]) => value !== undefined),
      );
      const expectedUpdatedAt = expected === undefined ? {} : { expectedUpdatedAt: new Date(expected) };
      const changed = await runtime.verve.organisations.update({ orgId, actor, change, ...expectedUpdatedAt });
      return { status: 200, body: showOrganisation(changed, true) };
    },
  }),
  operation({
    id: 'listOrganisationSecrets',
    method: 'get',
    path: '/api/v1/organisations/{id}/secrets',
    tag,
    summary: 'List secrets',
    description: 'Purposes, versions and times; never a value.',
    access: callersWho('secret.manage'),
    params: idParams,
    answers: {
      200: {
        description: 'The secrets.',
        schema: z.object({
          data: z.array(z.object({ purpose: z.string(), version: z.int(), created_at: time, expires_at: timeOrNull })),
        }),
      },
    },
    handle: async (incoming) => {
      requireOwn(incoming);
      const rows = await incoming.runtime.verve.secrets.list(incoming);
      const data = rows.map(({ purpose, version, createdAt, expiresAt }) => ({
        purpose,
        version,
        created_at: createdAt,
        expires_at: expiresAt,
      }));
      return { status: 200, body: { data } };
    },
  }),
  operation({
    id: 'rotateOrganisationSecret',
    method: 'post',
    path: '/api/v1/organisations/{id}/secrets/rotate',
    tag,
    summary: 'Rotate a secret',
    description:
      '`webhook_signing` and `webhook_key` admit inbound deliveries; two are valid for the overlap (default 72 hours). `code` makes later codes; nobody needs to see it.',
    access: callersWho('secret.manage'),
    params: idParams,
    body: z.strictObject({
      purpose: z.enum([...secretPurposes, 'code']),
      overlap_hours: z.number().min(0).max(720).optional(),
    }),
    bodyExample: { purpose: 'webhook_signing' },
    answers: {
      200: {
        description: 'The new version; its value is shown this once.',
        schema: z.object({
          purpose: z.string(),
          version: z.int(),
          value: z.string().nullable(),
          previous_expires_at: timeOrNull,
        }),
      },
    },
    handle: (incoming) =>
      incoming.write(async (engine) => {
        requireOwn(incoming);
        const { orgId, actor, body } = incoming;
        const made =
          body.purpose === 'code'
            ? await engine.secrets.rotateCodeSecret({ orgId, actor })
            : await engine.secrets.rotateInboundSecret({
                orgId,
                actor,
                purpose: body.purpose,
                overlapHours: body.overlap_hours,
              });
        const { purpose, version, value, previousExpiresAt } = made;
        return { status: 200, body: { purpose, version, value, previous_expires_at: previousExpiresAt } };
      }),
  }),
];
