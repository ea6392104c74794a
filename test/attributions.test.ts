import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import type { Fact } from '../src/engine/attributions/fact.ts';
import { createFactIntake } from '../src/engine/attributions/fact-intake.ts';
import { createKeyRing } from '../src/engine/secrets/key-ring.ts';
import { freshOrganisation, testDatabase } from './harness.ts';

const keys = await createKeyRing('a secret of the test that is long enough');
const { adminPool, database } = await testDatabase();
const intake = createFactIntake({ database, keys });
const actor = hostActor;
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

let orgId: string;
let mentorId: string;
let code: string;

async function addMentor(): Promise<{ mentorId: string; code: string }> {
  const made = randomUUID();
  const text = Array.from({ length: 10 }, () => alphabet[Math.floor(Math.random() * 32)]).join('');
  await adminPool.query('insert into verve.mentors (id, org_id, display_name) values ($1, $2, $3)', [
    made,
    orgId,
    'Mentor',
  ]);
  await adminPool.query('insert into verve.code_directory (code, org_id) values ($1, $2)', [text, orgId]);
  await adminPool.query(
    `insert into verve.referral_codes (org_id, owner_model, owner_ref, code, rotation_sequence, created_at)
     values ($1, 'mentor', $2, $3, 0, now() - interval '400 days')`,
    [orgId, made, text],
  );
  return { mentorId: made, code: text };
}

beforeEach(async () => {
  ({ orgId } = await freshOrganisation());
  for (const threshold of [1, 5]) {
    await adminPool.query('insert into verve.milestones (org_id, threshold) values ($1, $2)', [orgId, threshold]);
  }
  ({ mentorId, code } = await addMentor());
});

function fact(kind: Fact['kind'], memberId: string | null, more: Partial<Fact> = {}): Fact {
  return { kind, memberId, source: 'webhook', ...more };
}

async function apply(...facts: Fact[]) {
  return intake.applyFacts({ orgId, actor, facts });
}

async function outcomes(...facts: Fact[]): Promise<string[]> {
  const all: string[] = [];
  for (const one of facts) all.push(...(await apply(one)).map((outcome) => outcome.outcome));
  return all;
}

async function total(of = mentorId): Promise<number> {
  const rows = await adminPool.query('select credited from verve.mentor_totals where mentor_id = $1', [of]);
  return rows.rows[0]?.credited ?? 0;
}

const day = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 86_400_000);

describe('a confirmation', () => {
  test('by code credits the mentor once, however often it comes', async () => {
    expect(await outcomes(...Array.from({ length: 3 }, () => fact('confirmed', 'M1', { code })))).toEqual([
      'confirmed',
      'alreadyConfirmed',
      'alreadyConfirmed',
    ]);
    expect(await total()).toBe(1);
  });

  test('reaches the first milestone and says so', async () => {
    const [first] = await apply(fact('confirmed', 'M1', { code }));
    expect(first).toMatchObject({ outcome: 'confirmed', total: 1, milestones: [1], mentorId });
  });

  test('by many connections at once credits once and crosses each threshold once', async () => {
    const intakes = Array.from({ length: 8 }, () => createFactIntake({ database, keys }));
    const members = Array.from({ length: 6 }, (_, n) => `M${n}`);
    await Promise.all(
      intakes.flatMap((one) =>
        members.map((memberId) => one.applyFacts({ orgId, actor, facts: [fact('confirmed', memberId, { code })] })),
      ),
    );
    expect(await total()).toBe(6);
    const awards = await adminPool.query(
      'select threshold from verve.milestone_awards where mentor_id = $1 order by 1',
      [mentorId],
    );
    expect(awards.rows.map((row) => row.threshold)).toEqual([1, 5]);
  });

  test('takes the oldest pending registration of the code', async () => {
    const registered = await apply(fact('registered', null, { code, registrationRef: 'r1', registeredAt: day(1) }));
    const confirmed = await apply(fact('confirmed', 'M1', { code, occurredAt: day(9) }));
    expect(confirmed[0]).toMatchObject({ outcome: 'confirmed' });
    expect((confirmed[0] as { attributionId: string }).attributionId).toBe(
      (registered[0] as { attributionId: string }).attributionId,
    );
  });

  test('without a code waits for the registration that names the member', async () => {
    expect(await outcomes(fact('confirmed', 'M1', { occurredAt: day(3) }), fact('registered', 'M1', { code }))).toEqual(
      ['unmatched', 'registered'],
    );
    expect(await total()).toBe(1);
  });

  test('under an unknown code goes to the inbox with the nearest codes and settles when a good registration comes', async () => {
    const wrong = `${code.slice(0, 9)}${code[9] === '0' ? '1' : '0'}`;
    const [unmatched] = await apply(fact('confirmed', 'M1', { code: wrong, occurredAt: day(3) }));
    expect(unmatched).toMatchObject({ outcome: 'unmatched', inboxKind: 'unknown_code', suggestions: [code] });
    await apply(fact('registered', 'M1', { code }));
    expect(await total()).toBe(1);
    const items = await adminPool.query('select kind, status, resolution from verve.inbox_items where org_id = $1', [
      orgId,
    ]);
    expect(items.rows).toEqual([{ kind: 'unknown_code', status: 'resolved', resolution: 'settled' }]);
  });

  test('under another mentor’s code for a credited member is one conflict and changes nothing', async () => {
    const other = await addMentor();
    expect(
      await outcomes(
        fact('confirmed', 'M1', { code }),
        fact('confirmed', 'M1', { code: other.code }),
        fact('confirmed', 'M1', { code: other.code }),
      ),
    ).toEqual(['confirmed', 'conflict', 'conflict']);
    expect(await total()).toBe(1);
    expect(await total(other.mentorId)).toBe(0);
    const items = await adminPool.query('select kind from verve.inbox_items where org_id = $1', [orgId]);
    expect(items.rows).toEqual([{ kind: 'conflict' }]);
  });
});

describe('a reversal', () => {
  test('takes the credit and leaves the award', async () => {
    expect(
      await outcomes(
        fact('confirmed', 'M1', { code, occurredAt: day(1) }),
        fact('reversed', 'M1', { occurredAt: day(2) }),
      ),
    ).toEqual(['confirmed', 'reversed']);
    expect(await total()).toBe(0);
    const awards = await adminPool.query('select count(*)::int from verve.milestone_awards where mentor_id = $1', [
      mentorId,
    ]);
    expect(awards.rows[0].count).toBe(1);
  });

  test('that comes first leaves the earlier confirmation at net 0 without a milestone', async () => {
    await outcomes(
      fact('reversed', 'M1', { occurredAt: day(2) }),
      fact('confirmed', 'M1', { code, occurredAt: day(1) }),
    );
    expect(await total()).toBe(0);
    const awards = await adminPool.query('select count(*)::int from verve.milestone_awards where mentor_id = $1', [
      mentorId,
    ]);
    expect(awards.rows[0].count).toBe(0);
    const events = await adminPool.query(`select type from verve.referral_events where org_id = $1 order by seq`, [
      orgId,
    ]);
    expect(events.rows.map((row) => row.type)).not.toContain('recruitment.credited');
  });

  test('is undone by a newer confirmation within a year, on the same row', async () => {
    await apply(
      fact('confirmed', 'M1', { code, occurredAt: day(1) }),
      fact('reversed', 'M1', { occurredAt: day(2) }),
      fact('confirmed', 'M1', { occurredAt: day(30) }),
    );
    expect(await total()).toBe(1);
    const rows = await adminPool.query('select status from verve.referral_attributions where org_id = $1', [orgId]);
    expect(rows.rows).toEqual([{ status: 'confirmed' }]);
  });

  test('followed by a confirmation after more than a year makes a new attribution', async () => {
    await apply(
      fact('confirmed', 'M1', { code, occurredAt: day(1) }),
      fact('reversed', 'M1', { occurredAt: day(2) }),
      fact('confirmed', 'M1', { code, occurredAt: day(2 + 366) }),
    );
    expect(await total()).toBe(1);
    const rows = await adminPool.query(
      'select status, superseded_at is null as is_current from verve.referral_attributions where org_id = $1 order by created_at, status desc',
      [orgId],
    );
    expect(rows.rows).toEqual([
      { status: 'reversed', is_current: false },
      { status: 'confirmed', is_current: true },
    ]);
  });

  test('of what was only registered ends it as rejected', async () => {
    expect(
      await outcomes(
        fact('registered', 'M1', { code, registeredAt: day(1) }),
        fact('reversed', 'M1', { occurredAt: day(2) }),
      ),
    ).toEqual(['registered', 'rejected']);
  });
});

describe('what is only kept for the record', () => {
  test('never stands in the way of a credit, however long it is and whatever it holds', async () => {
    const cut = `${'x'.repeat(63)}😀😀`; // a cut by units would leave half an emoji
    const more = { sourceRef: `${cut}\u0000`.repeat(9), reason: `\u0000${cut}`, membershipType: `${cut}\ud83d` };
    expect(await outcomes(fact('confirmed', 'M-1', { code, ...more }))).toEqual(['confirmed']);
    const { rows } = await adminPool.query(
      `select length(source_ref)::int as ref, reason, membership_type from verve.attribution_facts where org_id = $1`,
      [orgId],
    );
    const kept = `${'x'.repeat(63)}😀`;
    expect(rows).toEqual([{ ref: 256, reason: kept, membership_type: kept }]);
  });

  test('is cut also where a code is none: the confirmation waits in the inbox', async () => {
    const typed = `${'x'.repeat(63)}😀\u0000 og mer`;
    expect(await outcomes(fact('confirmed', 'M-1', { code: typed }))).toEqual(['unmatched']);
    const { rows } = await adminPool.query('select kind, code from verve.inbox_items where org_id = $1', [orgId]);
    expect(rows).toEqual([{ kind: 'unknown_code', code: `${'x'.repeat(63)}😀` }]);
  });

  test('is told from what names somebody: an id that holds a control character is refused', async () => {
    for (const memberId of ['M-1\n2', 'M\u0000', '\u0007'])
      await expect(apply(fact('confirmed', memberId, { code }))).rejects.toMatchObject({ code: 'invalid_request' });
    for (const registrationRef of ['r\u0000', 'r'.repeat(129)])
      await expect(apply(fact('confirmed', 'M-1', { registrationRef }))).rejects.toMatchObject({
        code: 'invalid_request',
      });
  });
});
