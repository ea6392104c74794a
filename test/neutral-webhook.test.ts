import { describe, expect, test } from 'vitest';
import { readNeutralBody } from '../src/connectors/neutral-webhook/read-neutral-body.ts';
import { looksPersonal } from '../src/connectors/personal-data-fields.ts';

const deliveredAt = new Date('2026-11-21T08:00:00Z');
const context = {
  contentType: 'application/json',
  timeZone: 'Europe/Oslo',
  deliveredAt,
  deliveryId: 'msg_1',
  source: 'webhook' as const,
};
const read = (body: unknown, contentType = context.contentType) => readNeutralBody(body, { ...context, contentType });
const confirmed = { status: 'confirmed', external_member_id: '10293' };

/** The fields refused, as `index:field:code`. */
const refused = (body: unknown) => {
  const reading = read(body);
  if (!('refusals' in reading)) return reading.outcome;
  return reading.refusals.map(({ index, field, code }) => `${index}:${field}:${code}`);
};

describe('the neutral body', () => {
  test('becomes a fact with every field in its place', () => {
    const body = {
      status: 'confirmed',
      external_member_id: '10293',
      referral_code: '4X2MT-AAR0D',
      registration_ref: '6c1d3f0e',
      registered_at: '2026-11-01T09:00:00+01:00',
      occurred_at: '2026-11-20T11:00:00+01:00',
      membership_type: 'main',
      reason: null,
      chapter: 'Vestland',
      event_id: 'e-7',
    };
    expect(read(body)).toEqual({
      outcome: 'facts',
      refusals: [],
      facts: [
        {
          index: 0,
          fact: {
            kind: 'confirmed',
            memberId: '10293',
            code: '4X2MT-AAR0D',
            registrationRef: '6c1d3f0e',
            registeredAt: new Date('2026-11-01T08:00:00Z'),
            occurredAt: new Date('2026-11-20T10:00:00Z'),
            membershipType: 'main',
            reason: null,
            source: 'webhook',
            sourceRef: 'e-7',
          },
        },
      ],
    });
  });

  test('without a time takes that of its delivery, and without an id the delivery id', () => {
    expect(read(confirmed)).toMatchObject({ facts: [{ fact: { occurredAt: deliveredAt, sourceRef: 'msg_1' } }] });
  });

  test('reads "invalidated" as reversed', () => {
    expect(read({ ...confirmed, status: 'invalidated' })).toMatchObject({ facts: [{ fact: { kind: 'reversed' } }] });
  });

  test('takes a numeric member id as its digits, and refuses one that has lost digits', () => {
    expect(read({ ...confirmed, external_member_id: 10293 })).toMatchObject({
      facts: [{ fact: { memberId: '10293' } }],
    });
    expect(refused({ ...confirmed, external_member_id: 2 ** 60 })).toEqual(['0:external_member_id:invalid']);
    expect(refused({ ...confirmed, external_member_id: 1.5 })).toEqual(['0:external_member_id:invalid']);
  });

  test('takes a field that was left empty as absent', () => {
    const empty = { referral_code: '', registration_ref: ' ', occurred_at: '', membership_type: '', reason: '' };
    expect(read({ ...confirmed, ...empty, event_id: '' })).toEqual(read(confirmed));
    expect(refused({ status: 'confirmed', external_member_id: '' })).toEqual(['0:external_member_id:missing']);
  });

  test('counts characters, and says how many there may be', () => {
    expect(refused({ ...confirmed, external_member_id: '😀'.repeat(128) })).toEqual([]);
    const reading = read({ ...confirmed, referral_code: 'x'.repeat(65) });
    expect(reading).toMatchObject({
      refusals: [{ message: 'referral_code must be text of at most 64 characters, without control characters.' }],
    });
  });

  test('needs a member for everything but a registration with a code or reference', () => {
    const code = '4X2MTAAR0D';
    expect(refused({ status: 'confirmed', referral_code: code })).toEqual(['0:external_member_id:missing']);
    expect(refused({ status: 'registered' })).toEqual(['0:external_member_id:missing']);
    expect(refused({ status: 'registered', referral_code: code })).toEqual([]);
    expect(refused({ status: 'registered', registration_ref: 'r1' })).toEqual([]);
  });

  test('refuses personal data by the name of its field and never repeats a value', () => {
    const body = { ...confirmed, first_name: 'Lydia Lydhør', epost: 'lydia@example.no', 'kari@example.no': 1 };
    const reading = read(body);
    expect(refused(body)).toEqual(['0:first_name:personal_data', '0:epost:personal_data', '0:null:unknown_field']);
    expect(JSON.stringify(reading)).not.toMatch(/Lydia|example\.no/);
  });

  test('refuses unknown fields', () => {
    expect(refused({ ...confirmed, colour: 'blue' })).toEqual(['0:colour:unknown_field']);
  });

  test.each([
    ['a status nobody knows', { ...confirmed, status: 'paid' }, '0:status:invalid'],
    ['no status', { external_member_id: '1' }, '0:status:invalid'],
    ['an empty member id', { ...confirmed, external_member_id: '  ' }, '0:external_member_id:missing'],
    [
      'a member id that is too long',
      { ...confirmed, external_member_id: 'x'.repeat(129) },
      '0:external_member_id:invalid',
    ],
    ['a NUL in a member id', { ...confirmed, external_member_id: 'a\0b' }, '0:external_member_id:invalid'],
    ['a day that does not exist', { ...confirmed, occurred_at: '2026-02-30' }, '0:occurred_at:invalid'],
    ['a time years ahead', { ...confirmed, occurred_at: '2062-11-20T10:00:00Z' }, '0:occurred_at:invalid'],
    ['text', 'confirmed', '0:null:invalid'],
    ['null', null, '0:null:invalid'],
    ['an empty array', [], '0:null:invalid'],
    ['101 items', Array(101).fill(confirmed), '0:null:invalid'],
  ])('refuses %s', (_title, body, expected) => {
    expect(refused(body)).toEqual([expected]);
  });

  test('an array of 100 is read whole', () => {
    expect(read(Array(100).fill(confirmed))).toMatchObject({ outcome: 'facts', facts: { length: 100 } });
  });

  test('one bad item does not hold back the good ones', () => {
    const reading = read([confirmed, { status: 'confirmed' }, { ...confirmed, external_member_id: '2' }]);
    expect(reading).toMatchObject({ facts: [{ index: 0 }, { index: 2 }], refusals: [{ index: 1 }] });
  });

  test('a date without a time counts as the end of that day in the organisation, and not as later than now', () => {
    const at = (text: string) => {
      const reading = read({ ...confirmed, occurred_at: text });
      return reading.outcome === 'facts' ? reading.facts[0]?.fact.occurredAt?.toISOString() : reading.outcome;
    };
    expect(at('2026-11-20')).toBe('2026-11-20T22:59:59.999Z');
    expect(at('2026-11-21')).toBe(deliveredAt.toISOString());
  });
});

describe('a CloudEvents envelope', () => {
  const envelope = { specversion: '1.0', id: 'ce-1', source: 'https://medlem.example.no', type: 'no.example.member' };
  const structured = 'application/cloudevents+json; charset=utf-8';

  test('gives its data and its id', () => {
    const reading = read({ ...envelope, tenant: 'x', data: confirmed }, structured);
    expect(reading).toMatchObject({ facts: [{ fact: { memberId: '10293', sourceRef: 'ce-1' } }] });
  });

  test.each([
    ['without data', envelope],
    ['of another version', { ...envelope, specversion: '0.3', data: confirmed }],
    ['whose data is not JSON', { ...envelope, datacontenttype: 'text/xml', data: '<a/>' }],
  ])('%s is refused', (_title, body) => {
    expect(read(body, structured).outcome).toBe('malformed');
  });
});

describe('field names', () => {
  test.each(['Name', 'firstName', 'e-mail', 'E-post', 'Fødselsdato', 'mobil nr', 'post_nr postnr', 'contact.phone'])(
    '"%s" looks like personal data',
    (name) => expect(looksPersonal(name)).toBe(true),
  );
  test.each(['status', 'external_member_id', 'chapter', 'campaign', 'lokallag', 'username_hash', 'medlemsnummer'])(
    '"%s" does not',
    (name) => expect(looksPersonal(name)).toBe(false),
  );
});
