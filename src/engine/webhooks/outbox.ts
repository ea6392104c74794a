import type { Database, Session } from '../database.ts';
import { type LeavingEvent, writeCloudEvent } from '../events/cloud-event.ts';
import type { EventType } from '../events/event.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import { reviewAlarms } from './alarm.ts';
import * as repository from './claims-repository.ts';
import { secretPlace } from './endpoints.ts';
import { disableEndpoint, type EndpointKind, noteTries } from './endpoints-repository.ts';
import { type Answer, judgeAnswer, type Verdict } from './judge-answer.ts';
import { scheduleNextTry } from './retry-schedule.ts';

/** How long a claim lasts: well over the 15 seconds that one request may take. */
const CLAIM_SECONDS = 60;

/** A delivery that the caller has claimed, with all that sending it needs. */
export interface ClaimedDelivery {
  readonly orgId: string;
  readonly deliveryId: string;
  readonly claim: string;
  readonly endpointId: string;
  readonly url: string;
  /** `webhook-id`: the event's id, the same over all tries and replays. */
  readonly messageId: string;
  /** The text to sign and send, byte for byte. */
  readonly body: string;
  /** The secrets that sign, newest first: two during a rotation. */
  readonly secrets: readonly string[];
  /** Tries made before this one. */
  readonly attempts: number;
  readonly isTest: boolean;
  readonly kind: EndpointKind;
  /** How long after it was due it was claimed. */
  readonly lateMs: number;
}

/** A try that has been made. */
export interface Tried {
  readonly delivery: ClaimedDelivery;
  readonly answer: Answer;
  readonly durationMs: number;
}

/** The durable side of sending: what a sender asks of the database, and nothing of the network. */
export interface Outbox {
  /** The organisations that have something due now. */
  findDueOrganisations(): Promise<string[]>;
  /** Claims what is due, for one sender, for {@link CLAIM_SECONDS}. What cannot be unsealed is told to `onUnusable`. */
  claim(
    orgId: string,
    room: { limit: number; perEndpoint: number; inFlight: Readonly<Record<string, number>> },
  ): Promise<ClaimedDelivery[]>;
  /**
   * Records tries and what follows from them: delivered, the next try, parked; the endpoint slowed down or disabled;
   * the inbox told; awards acknowledged. Safe to repeat.
   */
  record(orgId: string, tries: readonly Tried[]): Promise<void>;
  /** Gives deliveries back unsent. Safe to repeat. */
  release(orgId: string, deliveries: readonly ClaimedDelivery[]): Promise<void>;
}

/** Notes, in the recording transaction, that a badge service has taken these deliveries. */
export type AcknowledgeDeliveries = (session: Session, deliveryIds: readonly string[]) => Promise<void>;

/** Wires the outbox. */
export function createOutbox(options: {
  database: Database;
  keyRing: KeyRing;
  /** Where this installation is reached: the source of every event. */
  publicUrl: string;
  /** Told of deliveries whose secret no key opens; they stay pending. */
  onUnusable?: (problem: { orgId: string; endpointId: string; error: unknown }) => void;
  /** In [0, 1); for tests. (Default: Math.random) */
  random?: () => number;
  /** Called in the recording transaction with the deliveries that a badge service has taken. */
  onAcknowledged?: AcknowledgeDeliveries;
}): Outbox {
  const { database, keyRing, publicUrl, random = Math.random } = options;

  async function open(orgId: string, rows: readonly ClaimedBody[]): Promise<ClaimedDelivery[]> {
    const opened = new Map<string, Promise<readonly string[] | null>>();
    const secretsOf = (row: ClaimedBody) => {
      const known = opened.get(row.endpointId) ?? unsealSecrets(orgId, row);
      opened.set(row.endpointId, known);
      return known;
    };
    const deliveries = await Promise.all(
      rows.map(async (row): Promise<ClaimedDelivery | null> => {
        const secrets = await secretsOf(row);
        if (secrets === null) return null;
        const { deliveryId, claim, endpointId, url, kind, body, attempts, lateMs } = row;
        const [messageId, isTest] = [row.eventId ?? deliveryId, row.eventId === null];
        return { orgId, deliveryId, claim, endpointId, url, messageId, body, secrets, attempts, isTest, kind, lateMs };
      }),
    );
    return deliveries.filter((delivery) => delivery !== null);
  }

  async function unsealSecrets(orgId: string, row: repository.ClaimedRow): Promise<readonly string[] | null> {
    const place = secretPlace(orgId, row.endpointId);
    const sealed = [row.sealedSecret, row.previousSealedSecret].filter((one) => one !== null);
    try {
      return await Promise.all(sealed.map((one) => keyRing.unsealText(place, one)));
    } catch (error) {
      options.onUnusable?.({ orgId, endpointId: row.endpointId, error });
      return null;
    }
  }

  return {
    findDueOrganisations: () => database.transaction({ role: 'none' }, repository.listOrganisationsWithDueDeliveries),

    async claim(orgId, room) {
      const rows = await database.transaction({ role: 'verve_engine', orgId }, async (session) => {
        const claimed = await repository.claimDeliveries(session, { ...room, claimSeconds: CLAIM_SECONDS });
        return writeBodies(session, claimed, publicUrl);
      });
      return open(orgId, rows);
    },

    async record(orgId, tries) {
      const judged = tries.map((tried) => ({ ...tried, verdict: judgeAnswer(tried.answer) }));
      await database.transaction({ role: 'verve_engine', orgId }, async (session) => {
        const rows = judged.map((tried) => rowOf(tried, random()));
        const recorded = await repository.recordTries(session, rows);
        await followUp(session, judged, recorded, options.onAcknowledged);
      });
    },

    async release(orgId, deliveries) {
      const claims = deliveries.map((delivery) => delivery.claim);
      await database.transaction({ role: 'verve_engine', orgId }, (session) =>
        repository.releaseClaims(session, claims),
      );
    },
  };
}

type ClaimedBody = repository.ClaimedRow & { body: string };
type Judged = Tried & { readonly verdict: Verdict };

/** Fills in the text of first tries and keeps it, in the transaction of the claim. */
async function writeBodies(
  session: Session,
  rows: readonly repository.ClaimedRow[],
  publicUrl: string,
): Promise<ClaimedBody[]> {
  const written = rows.map((row) => ({ ...row, body: row.body ?? writeBody(session.orgId, row, publicUrl) }));
  const isNew = (row: ClaimedBody, index: number) => rows[index]?.body === null && row.body !== null;
  const fresh = written.filter(isNew);
  if (fresh.length > 0) await repository.keepBodies(session, fresh);
  return written;
}

function writeBody(organisationId: string, row: repository.ClaimedRow, publicUrl: string): string {
  const event: LeavingEvent = {
    id: row.eventId ?? row.deliveryId,
    type: (row.type ?? 'webhook.test') as EventType,
    occurredAt: row.occurredAt ?? row.createdAt,
    mentorId: row.mentorId,
    codeId: row.codeId,
    attributionId: row.attributionId,
    data: row.data ?? {},
  };
  return writeCloudEvent({ event, organisationId, publicUrl });
}

/** What is written of one try. A test event is tried once, and a receiver that is gone keeps what waits for it. */
function rowOf({ delivery, durationMs, verdict }: Judged, random: number): repository.TriedRow {
  const { deliveryId, claim } = delivery;
  const made = { deliveryId, claim, durationMs, status: verdict.status, failure: verdict.failure };
  if (verdict.isDelivered) return { ...made, nextStatus: 'delivered', waitSeconds: 0 };
  if (delivery.isTest) return { ...made, nextStatus: 'cancelled', waitSeconds: 0 };
  if (verdict.disablesEndpoint) return { ...made, nextStatus: 'pending', waitSeconds: 0 };
  const attempts = delivery.attempts + 1;
  const next = scheduleNextTry({ attempts, retryAfterSeconds: verdict.retryAfterSeconds, random });
  return next.outcome === 'park'
    ? { ...made, nextStatus: 'parked', waitSeconds: 0 }
    : { ...made, nextStatus: 'pending', waitSeconds: next.waitSeconds };
}

async function followUp(
  session: Session,
  judged: readonly Judged[],
  recorded: readonly repository.RecordedRow[],
  onAcknowledged: AcknowledgeDeliveries | undefined,
): Promise<void> {
  const real = judged.filter((tried) => !tried.delivery.isTest);
  const notes = [...Map.groupBy(real, (tried) => tried.delivery.endpointId)].map(noteOf);
  const recovered = await noteTries(session, notes);
  for (const note of notes.filter((one) => one.isGone)) await disableEndpoint(session, note.endpointId, 'gone');
  const failing = notes.filter((note) => note.hasFailed).map((note) => note.endpointId);
  await reviewAlarms(session, [...failing, ...recovered]);

  const ofBadgeServices = new Set(
    real.filter((t) => t.delivery.kind === 'badge_service').map((t) => t.delivery.deliveryId),
  );
  const taken = recorded.filter((row) => row.status === 'delivered' && ofBadgeServices.has(row.deliveryId));
  if (taken.length > 0)
    await onAcknowledged?.(
      session,
      taken.map((row) => row.deliveryId),
    );
}

function noteOf([endpointId, tries]: readonly [string, readonly Judged[]]) {
  return {
    endpointId,
    hasSucceeded: tries.some((tried) => tried.verdict.isDelivered),
    hasFailed: tries.some((tried) => !tried.verdict.isDelivered),
    isGone: tries.some((tried) => tried.verdict.disablesEndpoint),
    pauseSeconds: Math.max(...tries.map((tried) => tried.verdict.pauseEndpointSeconds)),
  };
}
