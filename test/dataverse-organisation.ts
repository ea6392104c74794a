import { randomUUID } from 'node:crypto';
import { createSenders } from '../src/connectors/authentication/senders.ts';
import { createDataverseConnections, type DataverseConnections } from '../src/connectors/dataverse/connections.ts';
import type { Reading } from '../src/connectors/reading.ts';
import { type DataverseReceipt, receiveDataverse } from '../src/connectors/receive-dataverse.ts';
import { createDeliveryReader, type StoredDelivery } from '../src/connectors/understand-delivery.ts';
import { hostActor } from '../src/engine/actor.ts';
import type { Verve } from '../src/engine/verve.ts';
import { addMentor } from './add-mentor.ts';
import { type DataverseStandIn, startDataverse } from './stand-ins/dataverse.ts';
import {
  type ContextOptions,
  choice,
  contextHeaders,
  contextText,
  date,
  lookup,
} from './stand-ins/dataverse-sender.ts';

/** An organisation whose membership system is the stand-in, with a mentor and an inbound key. */
export interface DataverseOrganisation {
  orgId: string;
  slug: string;
  mentor: { mentorId: string; code: string };
  key: string;
  dataverse: DataverseStandIn;
  connections: DataverseConnections;
  understand: (delivery: StoredDelivery) => Promise<Reading>;
  /** Adds a membership to the table; `statuscode` 1 registered, 2 confirmed, 3 reversed. Answers the row's id. */
  addRow(changes?: Record<string, string | number | null>): string;
  memberOf(rowId: string): string;
  /** The attributes a webhook carries for a row. */
  attributesOf(rowId: string): Record<string, unknown>;
  /** What the step registered for a message posts about a row as it is now. */
  contextOf(rowId: string, more?: Partial<ContextOptions>): ContextOptions;
  /** Posts a body to Verve; waits for the understanding unless told otherwise. */
  post(
    context: ContextOptions,
    how?: { headers?: Record<string, string>; query?: string; mayWait?: boolean },
  ): Promise<DataverseReceipt>;
}

export async function dataverseOrganisation(
  verve: Verve,
  options: { now?: () => Date; fetch?: typeof fetch; settings?: object; hasSecret?: boolean } = {},
): Promise<DataverseOrganisation> {
  const dataverse = await startDataverse();
  const slug = `org-${randomUUID().slice(0, 13)}`;
  const { orgId } = await verve.organisations.create({ actor: hostActor, slug, name: 'Lydhør' });
  const settings = {
    environmentUrl: dataverse.url,
    authorityUrl: dataverse.url,
    organizationId: dataverse.organizationId,
    tenantId: dataverse.tenantId,
    clientId: dataverse.clientId,
    table: 'hlf_membership',
    entitySet: 'hlf_memberships',
    id: 'hlf_membershipid',
    referralCode: 'hlf_referralcode',
    memberLookup: 'hlf_member',
    status: 'statuscode',
    statusMap: { '1': 'registered', '2': 'confirmed', '3': 'reversed' },
    ...options.settings,
  } as const;
  await verve.organisations.update({ orgId, actor: hostActor, change: { settings: { dataverse: settings } } });
  if (options.hasSecret !== false) {
    await verve.secrets.setClientSecret({ orgId, actor: hostActor, value: dataverse.clientSecret });
  }
  const made = await verve.secrets.rotateInboundSecret({ orgId, actor: hostActor, purpose: 'webhook_key' });
  const key = made.value ?? '';
  const mentor = await addMentor(orgId);
  const { fetch: ownFetch, now = () => new Date() } = options;
  const connections = createDataverseConnections(verve, {
    trustedHosts: [dataverse.host],
    now,
    sleep: async () => {},
    ...(ownFetch ? { fetch: ownFetch } : {}),
  });
  const understand = createDeliveryReader(verve, connections);
  const row = (rowId: string) => dataverse.rows.get(rowId) ?? {};
  const attributesOf = (rowId: string) => {
    const { hlf_referralcode, _hlf_member_value, statuscode, createdon, modifiedon } = row(rowId);
    return {
      hlf_membershipid: rowId,
      hlf_referralcode,
      hlf_member: lookup('contact', String(_hlf_member_value)),
      statuscode: choice(Number(statuscode)),
      createdon: date(new Date(String(createdon))),
      modifiedon: date(new Date(String(modifiedon))),
    };
  };
  return {
    orgId,
    slug,
    mentor,
    key,
    dataverse,
    connections,
    understand,
    attributesOf,
    memberOf: (rowId) => String(row(rowId)._hlf_member_value),
    addRow(changes = {}) {
      const id = randomUUID();
      const at = now().toISOString().replace(/\.\d+/, '');
      const plain = {
        hlf_membershipid: id,
        hlf_referralcode: mentor.code,
        _hlf_member_value: randomUUID(),
        statuscode: 2,
      };
      dataverse.rows.set(id, { ...plain, createdon: at, modifiedon: at, ...changes });
      return id;
    },
    contextOf: (rowId, more = {}) => ({
      message: 'Create',
      rowId,
      organizationId: dataverse.organizationId,
      attributes: attributesOf(rowId),
      ...more,
    }),
    async post(context, { headers = { 'x-referral-key': key }, query = '', mayWait = true } = {}) {
      const receipt = await receiveDataverse(verve, createSenders(verve), understand, {
        slug,
        headers: new Headers({ ...contextHeaders(context), ...headers }),
        query: new URLSearchParams(query),
        body: new TextEncoder().encode(contextText(context)),
        now: now(),
      });
      if (mayWait && 'understanding' in receipt) await receipt.understanding;
      return receipt;
    },
  };
}
