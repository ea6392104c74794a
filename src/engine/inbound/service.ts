import type { Actor } from '../actor.ts';
import type { Fact, FactOutcome } from '../attributions/fact.ts';
import type { FactIntake } from '../attributions/fact-intake.ts';
import { combineByOrganisation } from '../combine.ts';
import { toHex } from '../encode-bytes.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import type { EngineParts } from '../parts.ts';
import * as repository from './repository.ts';

/** A delivery whose signature or key has been checked. */
export interface Delivery {
  orgId: string;
  channel: repository.Channel;
  /** The sender's id for this delivery; null = it has none, and its bytes are its identity. */
  messageId: string | null;
  contentType: string;
  body: Uint8Array<ArrayBuffer>;
  signedAt: Date | null; // null = the sender signs no time
}

export type Stored =
  /** Stored now, or earlier without anything having come of it: understand it and call `process`. */
  | { outcome: 'stored'; inboundMessageId: string }
  /** The same delivery again: what became of it. */
  | { outcome: 'repeated'; inboundMessageId: string; status: repository.MessageStatus; results: unknown[] };

/** What a stored delivery turned out to say. */
export type Understood =
  | { kind: 'facts'; facts: readonly Fact[] }
  | { kind: 'ignored'; reason: string }
  | { kind: 'failed'; errorCode: string };

export interface Inbound {
  /**
   * Stores a delivery before it is understood; committed when it returns. Safe to repeat: the same delivery is stored
   * once. Throws `delivery_id_reused` when the id came before with other bytes.
   */
  store(delivery: Delivery): Promise<Stored>;
  /** Applies what a stored delivery says and notes the outcomes with it, in one transaction. Safe to repeat. */
  process(call: {
    orgId: string;
    inboundMessageId: string;
    actor: Actor;
    understood: Understood;
  }): Promise<FactOutcome[]>;
  /**
   * Takes up deliveries that were stored but never finished (a server that died in between). Each is claimed for a
   * minute. `understand` reads one; a fault of it is noted and the delivery stays for the next time.
   */
  sweep(call: {
    orgId: string;
    olderThanSeconds: number;
    understand: (delivery: Delivery & { inboundMessageId: string; receivedAt: Date }) => Promise<Understood>;
  }): Promise<{ taken: number; processed: number }>;
  /** Deletes raw bodies that have been kept long enough (spec §8). Safe to repeat. */
  forgetBodies(call: { orgId: string; processedDays: number; otherDays: number }): Promise<number>;
}

const sealName = 'inbound-body';
/** Deliveries that fail this often wait for a person. */
const mostAttempts = 5;
const longestMessageId = 256;
const text = new TextEncoder();

export function createInbound(parts: EngineParts, intake: FactIntake): Inbound {
  const { database, keyRing } = parts;
  const inOrganisation = <Result>(orgId: string, work: Parameters<typeof database.transaction<Result>>[1]) =>
    database.transaction({ role: 'verve_engine', orgId, access: 'by_key' }, work);

  const storing = combineByOrganisation<repository.NewMessage, repository.StoredMessage>({
    maxBatch: 100,
    async work(orgId, messages) {
      const stored = messages.some((message) => message.messageIds.length > 1)
        ? null
        : await database.transaction(
            { role: 'verve_engine', orgId, access: 'by_key' },
            (session) => repository.storeNewMessages(session, messages),
            { isOneStep: true },
          );
      return stored ?? inOrganisation(orgId, (session) => repository.storeMessages(session, messages));
    },
  });

  interface ToProcess {
    inboundMessageId: string;
    actor: Actor;
    understood: Understood;
  }
  const processing = combineByOrganisation<ToProcess, FactOutcome[]>({
    maxBatch: 200,
    weigh: ({ understood }) => (understood.kind === 'facts' ? understood.facts.length : 1),
    work: (orgId, calls) =>
      inOrganisation(orgId, async (session) => {
        const facts = calls.map((call) => (call.understood.kind === 'facts' ? call.understood.facts : []));
        const brought = calls.flatMap((call, index) =>
          (facts[index] ?? []).map((fact) => ({ fact, actor: call.actor })),
        );
        const finish = (outcomes: readonly FactOutcome[]) => {
          const byCall = shareOut(outcomes, facts);
          const finished = calls.map((call, index) =>
            finishedOf(call.inboundMessageId, call.understood, byCall[index] ?? []),
          );
          return repository.finishMessages(session, finished);
        };
        return shareOut(await intake.applyFactsIn(session, brought, { alongside: finish }), facts);
      }),
  });

  /** A sender's id of any length names its delivery: one that is too long for an index by its keyed digest. */
  async function namesOf(messageId: string | null, orgId: string, bodyDigests: readonly Uint8Array[]) {
    if (messageId === null) return bodyDigests.map((one) => `body:${toHex(one)}`);
    if (messageId.length <= longestMessageId) return [messageId];
    return (await keyRing.hashes(orgId, 'blind-index', text.encode(messageId))).map((one) => `id:${toHex(one)}`);
  }

  async function process(call: Parameters<Inbound['process']>[0]): Promise<FactOutcome[]> {
    const { orgId, inboundMessageId, actor, understood } = call;
    return processing(requireUuid(orgId, 'org_id'), { inboundMessageId, actor, understood });
  }

  return {
    process,
    async store(delivery) {
      const orgId = requireUuid(delivery.orgId, 'org_id');
      const bodyDigests = await keyRing.hashes(orgId, 'blind-index', delivery.body);
      const contentType = text.encode(`${delivery.contentType}\n`);
      const envelope = new Uint8Array(contentType.length + delivery.body.length);
      envelope.set(contentType);
      envelope.set(delivery.body, contentType.length);
      const stored = await storing(orgId, {
        channel: delivery.channel,
        messageIds: await namesOf(delivery.messageId, orgId, bodyDigests),
        bodyDigests,
        sealedBody: await keyRing.seal({ orgId, name: sealName }, envelope),
        signedAt: delivery.signedAt,
      });
      if (!stored.isSameBody) throw new VerveError('delivery_id_reused');
      const { inboundMessageId, status, results } = stored;
      if (status === 'received' || status === 'failed') return { outcome: 'stored', inboundMessageId };
      return { outcome: 'repeated', inboundMessageId, status, results };
    },
    async sweep({ orgId, olderThanSeconds, understand }) {
      const claimed = await inOrganisation(orgId, (session) =>
        repository.claimUnfinished(session, olderThanSeconds, 100),
      );
      let processed = 0;
      for (const message of claimed) {
        const { inboundMessageId, channel, messageId, signedAt, receivedAt } = message;
        try {
          const opened = await keyRing.unseal({ orgId, name: sealName }, message.sealedBody);
          const lineEnd = opened.indexOf(10);
          const contentType = new TextDecoder().decode(opened.slice(0, lineEnd));
          const body = opened.slice(lineEnd + 1);
          const understood = await understand({
            orgId,
            channel,
            messageId,
            signedAt,
            contentType,
            body,
            inboundMessageId,
            receivedAt,
          });
          await process({ orgId, inboundMessageId, actor: { kind: 'system', name: 'inbound' }, understood });
          processed += 1;
        } catch (error) {
          if (error instanceof VerveError && error.code === 'database_unavailable') throw error;
          parts.logger.error(
            { inboundMessageId, attempts: message.attempts },
            'a stored delivery could not be processed',
          );
          if (message.attempts < mostAttempts) continue;
          await process({
            orgId,
            inboundMessageId,
            actor: { kind: 'system', name: 'inbound' },
            understood: { kind: 'failed', errorCode: 'gave_up' },
          });
        }
      }
      return { taken: claimed.length, processed };
    },
    forgetBodies: ({ orgId, processedDays, otherDays }) =>
      inOrganisation(requireUuid(orgId, 'org_id'), (session) =>
        repository.forgetBodies(session, processedDays, otherDays),
      ),
  };
}

/** Gives each call the outcomes of its own facts. */
function shareOut(outcomes: readonly FactOutcome[], facts: readonly (readonly Fact[])[]): FactOutcome[][] {
  const left = [...outcomes];
  return facts.map((own) => left.splice(0, own.length));
}

/** The record of a finished delivery: one result per fact, with our own ids only. */
function finishedOf(
  inboundMessageId: string,
  understood: Understood,
  outcomes: readonly FactOutcome[],
): repository.FinishedMessage {
  switch (understood.kind) {
    case 'facts':
      return { inboundMessageId, status: 'processed', errorCode: null, results: outcomes.map(resultOf) };
    case 'ignored':
      return { inboundMessageId, status: 'ignored', errorCode: understood.reason, results: [] };
    case 'failed':
      return { inboundMessageId, status: 'failed', errorCode: understood.errorCode, results: [] };
  }
}

function resultOf(outcome: FactOutcome): { outcome: string; attributionId?: string } {
  const { outcome: name } = outcome;
  return 'attributionId' in outcome ? { outcome: name, attributionId: outcome.attributionId } : { outcome: name };
}
