import { describe, expect, test } from 'vitest';
import { cloudEventType, type LeavingEvent, writeCloudEvent } from '../src/engine/events/cloud-event.ts';
import { milestoneReached } from '../src/engine/milestones/count-credits.ts';
import { awardKey, milestoneType } from '../src/engine/milestones/milestone.ts';

const organisationId = '0a0a0a0a-0000-4000-8000-000000000001';
const mentorId = '0b0b0b0b-0000-4000-8000-000000000002';

const reached: LeavingEvent = {
  id: '11111111-0000-4000-8000-000000000001',
  type: 'milestone.reached',
  occurredAt: new Date('2026-11-20T10:00:04.120Z'),
  mentorId,
  codeId: null,
  attributionId: null,
  data: milestoneReached(organisationId, { awardId: mentorId, mentorId, threshold: 5, count: 5 }).data ?? {},
};

function written(over: Partial<LeavingEvent> = {}) {
  return JSON.parse(
    writeCloudEvent({ event: { ...reached, ...over }, organisationId, publicUrl: 'https://verve.example.no/' }),
  );
}

describe('an event that leaves', () => {
  test('is a CloudEvent 1.0 with our own ids', () => {
    expect(written()).toEqual({
      specversion: '1.0',
      id: reached.id,
      source: `https://verve.example.no/organisations/${organisationId}`,
      type: 'verve.milestone.reached.v1',
      subject: `mentor/${mentorId}`,
      time: '2026-11-20T10:00:04.120Z',
      datacontenttype: 'application/json',
      data: {
        organisation_id: organisationId,
        mentor_id: mentorId,
        award_id: mentorId,
        type: 'recruitment_milestone',
        threshold: 5,
        count: 5,
        origin: 'crossing',
        milestone: 'recruits_5',
        milestone_type: 'referral_count_5',
        counted_at: '2026-11-20T10:00:04.120Z',
        award_key: `${organisationId}:${mentorId}:recruits_5`,
      },
    });
  });

  test('has the same text every time', () => {
    const write = () => writeCloudEvent({ event: reached, organisationId, publicUrl: 'https://verve.example.no' });
    expect(write()).toBe(write());
  });

  test.each([
    ['a member id', { memberId: 'M-4711' }],
    ['a name', { displayName: 'Kari Nordmann' }],
    ['free text under a known key', { reason: 'Kari said she is his sister' }],
    ['an address under a known key', { channel: 'kari@example.no' }],
    ['a nested object under a known key', { kind: { memberId: 'M-4711' } }],
    ['a nested list under a known key', { flags: [['M 4711']] }],
    ['a long string under a known key', { status: 'x'.repeat(129) }],
  ])('never carries %s', (_what, data) => {
    const text = JSON.stringify(written({ data }).data);
    expect(text).not.toMatch(/4711|Kari|kari|xxx/);
  });

  test('carries reason codes, flags and ids', () => {
    const data = { reason: 'not_a_new_member', flags: ['same_device', 'velocity'], from_mentor_id: mentorId };
    expect(written({ type: 'review.rejected', data }).data).toMatchObject({
      reason: 'not_a_new_member',
      flags: ['same_device', 'velocity'],
      from_mentor_id: mentorId,
    });
  });

  test('says whether what was taken back had counted, and where a moved one came from', () => {
    const told = [{ was_credited: true }, { is_credited: false }, { superseded_attribution_id: mentorId }];
    for (const data of told) expect(written({ type: 'recruitment.reversed', data }).data).toMatchObject(data);
  });

  test('stays far below 20 kB', () => {
    const everything = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`key${i}`, 'value']));
    expect(JSON.stringify(written({ data: everything })).length).toBeLessThan(2000);
  });

  test('has a type without a colon, also for the general engine', () => {
    expect(cloudEventType('referral:converted')).toBe('verve.referral.converted.v1');
  });
});

test('an award key differs by mentor, count and organisation, and by nothing else', () => {
  const award = { orgId: organisationId, mentorId, threshold: 5 };
  expect(written().data.award_key).toBe(awardKey(award));
  const others = [{ threshold: 10 }, { mentorId: organisationId }, { orgId: mentorId }];
  expect(new Set([award, ...others.map((other) => ({ ...award, ...other }))].map(awardKey)).size).toBe(4);
});

test('milestones have the kinds that the app knows', () => {
  expect([1, 5, 10, 25, 50].map(milestoneType)).toEqual([
    'first_referral',
    'referral_count_5',
    'referral_count_10',
    'referral_count_custom',
    'referral_count_custom',
  ]);
});
