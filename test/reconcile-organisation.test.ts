import { expect, test } from 'vitest';
import { createDataverseConnections } from '../src/connectors/dataverse/connections.ts';
import { reconcileOrganisation } from '../src/connectors/dataverse/reconcile-organisation.ts';
import { creditsOf } from './add-mentor.ts';
import { type DataverseOrganisation, dataverseOrganisation } from './dataverse-organisation.ts';
import { organisationWithMentor, testVerve } from './harness-verve.ts';

const verve = await testVerve();
const reconcile = (org: DataverseOrganisation, orgId = org.orgId, signal = new AbortController().signal) =>
  reconcileOrganisation(verve, org.connections, { orgId, trigger: 'schedule', signal });

test('a run that fails is gone on with by the next try', async () => {
  const org = await dataverseOrganisation(verve);
  const modifiedon = (at: number) => new Date(Date.UTC(2026, 8, 1, at)).toISOString().replace('.000', '');
  for (let at = 0; at < 700; at += 1) org.addRow({ modifiedon: modifiedon(at) });
  org.dataverse.faults.afterPage = () => {
    org.dataverse.faults.unavailable = 5;
    org.dataverse.faults.afterPage = null;
  };
  expect(await reconcile(org)).toMatchObject({ outcome: 'failed', run: { errorCode: 'unavailable' } });
  expect((await creditsOf(org.orgId)).get(org.mentor.mentorId)).toBe(500);
  expect((await reconcile(org)).outcome).toBe('succeeded');
  expect((await creditsOf(org.orgId)).get(org.mentor.mentorId)).toBe(700);
  const [second] = await verve.reconciliation.list({ orgId: org.orgId });
  expect(second?.counts.seen).toBeLessThan(300);
  await org.dataverse.close();
});

test('a server that stops ends the run after the page at hand', async () => {
  const org = await dataverseOrganisation(verve);
  for (let at = 0; at < 10; at += 1) org.addRow();
  const stopping = new AbortController();
  stopping.abort();
  const result = await reconcile(org, org.orgId, stopping.signal);
  expect(result).toMatchObject({ outcome: 'failed', run: { errorCode: 'stopped' } });
  expect((await creditsOf(org.orgId)).get(org.mentor.mentorId)).toBe(10);
  await org.dataverse.close();
});

test('an organisation without a membership system has nothing to do', async () => {
  const { orgId } = await organisationWithMentor(verve);
  const org = await dataverseOrganisation(verve, { hasSecret: false });
  expect(await reconcile(org, orgId)).toEqual({ outcome: 'notConfigured' });
  expect(await reconcile(org)).toEqual({ outcome: 'noCredentials' });
  await org.dataverse.close();
});

test('an address that the installation does not trust is refused by its field, and read from by nobody', async () => {
  const org = await dataverseOrganisation(verve);
  const trustsNobody = createDataverseConnections(verve);
  await expect(trustsNobody.get(org.orgId)).rejects.toMatchObject({
    code: 'invalid_request',
    fields: [{ field: 'environmentUrl' }, { field: 'authorityUrl' }],
  });
  expect(org.dataverse.counts.tokens).toBe(0);
  await org.dataverse.close();
});
