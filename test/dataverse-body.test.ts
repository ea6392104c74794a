import { describe, expect, test } from 'vitest';
import { dataverseConfigurationSchema } from '../src/connectors/dataverse/configuration.ts';
import { decodeExecutionContext, deliveryKey } from '../src/connectors/dataverse/execution-context.ts';
import { readDataverseBody } from '../src/connectors/dataverse/read-dataverse-body.ts';
import { parseStrictJson } from '../src/connectors/json/strict-json.ts';
import { choice, contextText, date, lookup } from './stand-ins/dataverse-sender.ts';

const ORGANISATION = '4ef5b371-0000-4000-8000-00000000f00d';
const ROW = '8d0e4a2c-0000-4000-8000-00000000abcd';
const MEMBER = '6d81597f-0000-4000-8000-00000000c0c0';
const CREATED = new Date('2026-11-20T10:00:00Z');
const MODIFIED = new Date('2026-11-20T10:00:04Z');

const stored = {
  environmentUrl: 'https://org94971a24.crm4.dynamics.com',
  organizationId: ORGANISATION,
  table: 'hlf_membership',
  entitySet: 'hlf_memberships',
  id: 'hlf_membershipid',
  referralCode: 'hlf_referralcode',
  memberLookup: 'hlf_member',
  status: 'statuscode',
  statusMap: { '1': 'registered', '100000002': 'confirmed', '2': 'invalidated', '3': 'rejected' },
};
const configure = (changes = {}) => dataverseConfigurationSchema().parse({ ...stored, ...changes });
const context = (changes = {}) => ({
  configuration: configure(changes),
  timeZone: 'Europe/Oslo',
  receivedAt: new Date('2026-11-20T10:00:09Z'),
});

const attributes = {
  hlf_membershipid: ROW,
  hlf_referralcode: '4X2MT-AAR0D',
  hlf_member: lookup('contact', MEMBER.toUpperCase()),
  statecode: choice(0),
  statuscode: choice(100000002),
  createdon: date(CREATED),
  modifiedon: date(MODIFIED),
  modifiedonbehalfby: null,
};
const create = { message: 'Create' as const, rowId: ROW, organizationId: ORGANISATION, attributes };
const update = { ...create, message: 'Update' as const };
const read = (options: Parameters<typeof contextText>[0], changes = {}) =>
  readDataverseBody(parseStrictJson(contextText(options)), context(changes));

describe('a Dataverse webhook body', () => {
  test('of Create becomes a fact', () => {
    const operationId = 'c2a2c3e4-0000-4000-8000-0000000000e1';
    expect(read({ ...create, operationId })).toEqual({
      outcome: 'facts',
      refusals: [],
      facts: [
        {
          index: 0,
          fact: {
            kind: 'confirmed',
            memberId: MEMBER,
            code: '4X2MT-AAR0D',
            registrationRef: null,
            registeredAt: CREATED,
            occurredAt: MODIFIED,
            membershipType: null,
            reason: null,
            source: 'webhook',
            sourceRef: operationId,
          },
        },
      ],
    });
  });

  test.each([
    [1, 'registered', CREATED],
    [2, 'reversed', MODIFIED],
    [3, 'rejected', MODIFIED],
  ])('with status %i is %s', (status, kind, occurredAt) => {
    const reading = read({ ...create, attributes: { ...attributes, statuscode: choice(status) } });
    expect(reading).toMatchObject({ facts: [{ fact: { kind, occurredAt } }] });
  });

  test('with a status nobody mapped means nothing', () => {
    const reading = read({ ...create, attributes: { ...attributes, statuscode: choice(9) } });
    expect(reading).toEqual({ outcome: 'ignored', reason: 'statusNotMapped' });
  });

  test('without a code is a fact about the member alone', () => {
    const { hlf_referralcode: _code, ...rest } = attributes;
    expect(read({ ...create, attributes: rest })).toMatchObject({
      facts: [{ fact: { memberId: MEMBER, code: null } }],
    });
  });

  test('of Update with only changed columns asks for the row', () => {
    const changed = { hlf_membershipid: ROW, statuscode: choice(100000002), modifiedon: date(MODIFIED) };
    expect(read({ ...update, attributes: changed })).toEqual({ outcome: 'rereadNeeded', rowId: ROW });
  });

  test('of Update with a post-image is read from it, the changed columns over it', () => {
    const postImage = { ...attributes, statuscode: choice(1) };
    const changed = { hlf_membershipid: ROW, statuscode: choice(100000002) };
    const reading = read({ ...update, attributes: changed, postImage });
    expect(reading).toMatchObject({ facts: [{ fact: { kind: 'confirmed', code: '4X2MT-AAR0D', memberId: MEMBER } }] });
  });

  test('of Update whose post-image lacks the member asks for the row', () => {
    const { hlf_member: _member, ...postImage } = attributes;
    expect(read({ ...update, attributes: {}, postImage }).outcome).toBe('rereadNeeded');
  });

  test('of Update that happens to carry everything needs no image', () => {
    expect(read(update).outcome).toBe('facts');
  });

  test.each(['Create', 'Update'] as const)('of %s above 256 KB asks for the row', (message) => {
    expect(read({ ...create, message, isOversized: true })).toEqual({ outcome: 'rereadNeeded', rowId: ROW });
  });

  test('of Delete means nothing by default, and a reversal where the organisation says so and an image shows whose', () => {
    const deletion = { ...create, message: 'Delete' as const, preImage: attributes, operationAt: MODIFIED };
    expect(read(deletion)).toEqual({ outcome: 'ignored', reason: 'rowDeleted' });
    expect(read(deletion, { deletedMeans: 'reversed' })).toMatchObject({
      facts: [{ fact: { kind: 'reversed', memberId: MEMBER, occurredAt: MODIFIED, reason: 'deleted' } }],
    });
    const { preImage: _image, ...bare } = deletion;
    expect(read(bare, { deletedMeans: 'reversed' }).outcome).toBe('ignored');
  });

  test('from another Dataverse organisation is never a fact', () => {
    const other = { ...create, organizationId: '00000000-0000-4000-8000-000000000001' };
    expect(read(other)).toEqual({ outcome: 'wrongOrganisation' });
    expect(read(other, { organizationId: null }).outcome).toBe('facts');
  });

  test('of another table means nothing', () => {
    expect(read({ ...create, table: 'account' })).toEqual({ outcome: 'ignored', reason: 'otherTable' });
  });

  test('is dated by the day the fee was paid, where the organisation names that column', () => {
    const occurredAt = (paid: Date, modified = MODIFIED) => {
      const all = { ...attributes, modifiedon: date(modified), hlf_paidon: date(paid) };
      const reading = read({ ...create, attributes: all }, { confirmedAt: 'hlf_paidon' });
      return reading.outcome === 'facts' ? reading.facts[0]?.fact.occurredAt?.toISOString() : reading.outcome;
    };
    expect(occurredAt(new Date('2026-11-18T12:34:56Z'))).toBe('2026-11-18T12:34:56.000Z');
    // A date-only column is midnight UTC in a webhook: that day in Oslo, its end, but never after the change itself.
    expect(occurredAt(new Date('2026-11-18T00:00:00Z'))).toBe('2026-11-18T22:59:59.999Z');
    expect(occurredAt(new Date('2026-11-20T00:00:00Z'))).toBe(MODIFIED.toISOString());
  });

  test('may carry dates with an offset, which is decoration, and ISO dates', () => {
    const at = (text: string) => {
      const reading = read({ ...create, attributes: { ...attributes, modifiedon: text } });
      return reading.outcome === 'facts' ? reading.facts[0]?.fact.occurredAt?.toISOString() : null;
    };
    expect(at('/Date(1506409448000-0700)/')).toBe('2017-09-26T07:04:08.000Z');
    expect(at('2017-09-26T07:04:08Z')).toBe('2017-09-26T07:04:08.000Z');
  });

  test('has one key for all its deliveries, and none where the operation is not named', () => {
    const keyOf = (text: string) => {
      const decoded = decodeExecutionContext(JSON.parse(text));
      return decoded && deliveryKey(decoded);
    };
    const operationId = 'c2a2c3e4-0000-4000-8000-0000000000e1';
    expect(keyOf(contextText({ ...create, operationId }))).toBe(keyOf(contextText({ ...create, operationId })));
    expect(keyOf(contextText(create))).not.toBe(keyOf(contextText(create)));
    expect(keyOf(contextText({ ...create, operationId: '00000000-0000-0000-0000-000000000000' }))).toBeNull();
  });

  test.each([{}, null, [], 'x', { MessageName: 'Create' }, { InputParameters: 'x' }])('is not %j', (body) => {
    expect(readDataverseBody(body, context()).outcome).toBe('malformed');
  });

  test('survives members of unexpected shape', () => {
    const body = JSON.parse(contextText(create));
    body.InputParameters[0].value.Attributes.push(null, 7, { key: 3 }, { key: 'x' }, { key: 'y', value: { a: 1 } });
    body.PostEntityImages = null;
    expect(readDataverseBody(body, context()).outcome).toBe('facts');
  });
});

describe('a Power Automate record', () => {
  const record = {
    '@odata.etag': 'W/"1"',
    hlf_membershipid: ROW,
    hlf_referralcode: '4X2MTAAR0D',
    _hlf_member_value: MEMBER.toUpperCase(),
    '_hlf_member_value@OData.Community.Display.V1.FormattedValue': 'Lydia Lydhør',
    statuscode: 100000002,
    createdon: '2026-11-20T10:00:00Z',
    modifiedon: '2026-11-20T10:00:04Z',
    SdkMessage: 'Create',
  };

  test('becomes the fact that the webhook would have given', () => {
    const fromWebhook = read(create);
    const fromFlow = readDataverseBody(record, context());
    if (fromWebhook.outcome !== 'facts' || fromFlow.outcome !== 'facts') throw new Error('not read');
    const [webhook, flow] = [fromWebhook.facts[0]?.fact, fromFlow.facts[0]?.fact];
    expect({ ...flow, code: null, sourceRef: null }).toEqual({ ...webhook, code: null, sourceRef: null });
    expect(JSON.stringify(fromFlow)).not.toContain('Lydia');
  });

  test('is found within a whole trigger output', () => {
    expect(readDataverseBody({ headers: {}, body: record }, context()).outcome).toBe('facts');
  });

  test('without a member asks for the row, and of a deletion means nothing', () => {
    const { _hlf_member_value: _member, ...rest } = record;
    expect(readDataverseBody(rest, context())).toEqual({ outcome: 'rereadNeeded', rowId: ROW });
    expect(readDataverseBody({ ...record, SdkMessage: 'Delete' }, context()).outcome).toBe('ignored');
  });
});

describe('a Dataverse configuration', () => {
  const problems = (changes: object) => {
    const parsed = dataverseConfigurationSchema().safeParse({ ...stored, ...changes });
    return parsed.success ? [] : parsed.error.issues.map((issue) => issue.path.join('.'));
  };

  test.each([
    ['an address that is not https', { environmentUrl: 'http://org.crm4.dynamics.com' }, 'environmentUrl'],
    ['an address outside the clouds', { environmentUrl: 'https://169.254.169.254' }, 'environmentUrl'],
    ['an address that only looks like one inside', { environmentUrl: 'https://evil-dynamics.com' }, 'environmentUrl'],
    ['an address with a path', { environmentUrl: 'https://org.crm4.dynamics.com/api' }, 'environmentUrl'],
    ['another authority', { authorityUrl: 'https://login.example.no' }, 'authorityUrl'],
    ['a column that is a query', { status: 'statuscode&$expand=x' }, 'status'],
    ['no member column', { memberLookup: null }, 'memberLookup'],
    ['two member columns', { memberColumn: 'hlf_membernumber' }, 'memberLookup'],
    ['neither code nor reference', { referralCode: null }, 'referralCode'],
    ['no confirmed status', { statusMap: { '1': 'registered' } }, 'statusMap'],
    ['a meaning that is none', { statusMap: { '1': 'paid' } }, 'statusMap.1'],
  ])('with %s is refused', (_title, changes, field) => {
    expect(problems(changes)).toContain(field);
  });

  test('may name a host that the installation trusts', () => {
    const schema = dataverseConfigurationSchema(['127.0.0.1:5000']);
    const address = 'http://127.0.0.1:5000';
    expect(schema.parse({ ...stored, environmentUrl: address, authorityUrl: address }).environmentUrl).toBe(address);
  });
});
