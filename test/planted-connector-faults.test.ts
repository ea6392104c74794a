/**
 * A check that cannot fail is no evidence: each fault below is planted between Verve and Dataverse once, and the
 * comparison of the membership system's table with Verve's credits must see it.
 */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { reconcileOrganisation } from '../src/connectors/dataverse/reconcile-organisation.ts';
import { addMentor, creditsOf } from './add-mentor.ts';
import { type DataverseOrganisation, dataverseOrganisation } from './dataverse-organisation.ts';
import { testVerve } from './harness-verve.ts';

const verve = await testVerve();
const SIZE = 600; // more than one page

type Page = { value: Record<string, unknown>[]; '@odata.nextLink'?: string };

/** A fetch that changes pages of rows on their way. */
const planted =
  (change: (page: Page) => void): typeof fetch =>
  async (input, init) => {
    const response = await fetch(input, init);
    if (!response.ok || !String(input).includes('/hlf_memberships?')) return response;
    const page = (await response.json()) as Page;
    change(page);
    return Response.json(page);
  };

/** How many mentors have another figure in Verve than the table gives them. */
async function differences(org: DataverseOrganisation): Promise<number> {
  const expected = new Map<string, number>();
  for (const row of org.dataverse.rows.values()) {
    const code = String(row.hlf_referralcode);
    expected.set(code, (expected.get(code) ?? 0) + (row.statuscode === 2 ? 1 : 0));
  }
  const credits = await creditsOf(org.orgId);
  const codes = new Map([...others, org.mentor].map(({ code, mentorId }) => [code, mentorId]));
  return [...expected].filter(([code, count]) => (credits.get(codes.get(code) ?? '') ?? 0) !== count).length;
}

let others: { mentorId: string; code: string }[] = [];

async function reconcileWith(fetchLike: typeof fetch | null): Promise<{ outcome: string; differences: number }> {
  const org = await dataverseOrganisation(verve, fetchLike === null ? {} : { fetch: fetchLike });
  others = await Promise.all(Array.from({ length: 4 }, () => addMentor(org.orgId)));
  for (let at = 0; at < SIZE; at += 1) {
    const owner = [org.mentor, ...others][at % 5];
    const changes = { hlf_referralcode: owner?.code ?? '', statuscode: at % 7 === 0 ? 3 : 2 };
    org.addRow({ ...changes, modifiedon: new Date(Date.UTC(2026, 9, 1, 0, at)).toISOString().replace('.000', '') });
  }
  const { outcome } = await reconcileOrganisation(verve, org.connections, { orgId: org.orgId, trigger: 'command' });
  const found = await differences(org);
  await org.dataverse.close();
  return { outcome, differences: found };
}

test('without a fault nothing differs', async () => {
  expect(await reconcileWith(null)).toEqual({ outcome: 'succeeded', differences: 0 });
});

test('rows that come twice change nothing', async () => {
  const doubled = planted((page) => page.value.push(...page.value.slice(0, 50)));
  expect(await reconcileWith(doubled)).toEqual({ outcome: 'succeeded', differences: 0 });
});

/** Sets a field in the first `count` rows of each page that are as described. */
const set = (
  field: string,
  value: unknown,
  count = Number.POSITIVE_INFINITY,
  where = (_row: Page['value'][number]) => true,
) => {
  return (page: Page) => {
    for (const row of page.value.filter(where).slice(0, count)) row[field] = value;
  };
};

test.each([
  ['a page that ends the reading too soon', (page: Page) => delete page['@odata.nextLink']],
  ['the last row of each page lost', (page: Page) => page.value.pop()],
  ['a reversal shown as confirmed', set('statuscode', 2, 3, (row) => row.statuscode === 3)],
  ['a confirmation shown as registered', set('statuscode', 1, 3, (row) => row.statuscode === 2)],
  ['one member named in every row', set('_hlf_member_value', randomUUID())],
  ['a code that is nobody’s', set('hlf_referralcode', 'NOBODY', 3)],
  [
    'a row that comes again as another member',
    (page: Page) => page.value.push({ ...page.value[1], _hlf_member_value: randomUUID() }),
  ],
])('%s is seen', async (_title, change) => {
  expect((await reconcileWith(planted(change))).differences).toBeGreaterThan(0);
});
