import type { BranchReportRow } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { isAdmin } from '../../boot.ts';
import { isOf, useLive } from '../../live/live.ts';
import { LiveSign } from '../../live/live-sign.tsx';
import { NoAccess } from '../../parts/no-access.tsx';
import { Heading } from '../../parts/page.tsx';
import { keepRange, lastDayOf, type Range, RangeChoice, readRange } from '../../parts/range.tsx';
import { ReportHead } from '../../parts/report-head.tsx';
import { Empty, Shown } from '../../parts/states.tsx';
import { Link, usePlace } from '../../router.tsx';
import { say, sayDay, sayNumber } from '../../say.ts';
import { useLoad } from '../../use-load.ts';
import { ChannelTable } from '../channels/channel-table.tsx';
import { Funnel } from '../overview/funnel.tsx';
import { comparisonOf, sentenceOf } from '../overview/sentences.ts';
import { BranchTable } from './branch-table.tsx';
import { type BranchNode, findNode, growTree, pathTo } from './branch-tree.ts';

const followed = isOf('share', 'registration', 'recruitment', 'review');

async function loadTree({ from, to }: Range): Promise<BranchNode[]> {
  const { data } = await api.getBranchesReport({ query: { from, to } });
  return growTree(data.filter(isShown));
}

/** Mentors of no branch are a row only where there are such, or something of them. */
const isShown = (row: BranchReportRow): boolean =>
  row.branch_id !== null || row.mentors + row.clicked + row.registered + row.credited > 0;

/** Every branch in scope, in its tree, with what is below it. */
export function BranchesPage() {
  const { query } = usePlace();
  const range = readRange(query);
  const loaded = useLoad(`branches ${range.from} ${range.to}`, () => loadTree(range));
  useLive(followed, loaded.refresh);
  return (
    <>
      <ReportHead
        title={loaded.data === null ? say('nav.branches') : titleOf(loaded.data)}
        report="branches"
        range={range}
      />
      <Shown loaded={loaded} lines={8}>
        {(nodes) =>
          nodes.length === 0 ? (
            <Empty title={say('branches.empty')}>
              {isAdmin ? (
                <Link className="btn sec sm" to="/admin/branches">
                  {say('branches.empty.add')}
                </Link>
              ) : (
                <p className="sub">{say('branches.empty.ask')}</p>
              )}
            </Empty>
          ) : (
            <BranchTable nodes={nodes} caption={say('branches.caption')} />
          )
        }
      </Shown>
    </>
  );
}

/** Which of the topmost branches recruited most. */
function titleOf(nodes: readonly BranchNode[]): string {
  const [most] = nodes.filter(({ name }) => name !== null).sort((one, other) => other.credited - one.credited);
  if (most === undefined || most.credited === 0) return say('branches.titleNone');
  return say('branches.title', { branch: most.name ?? '', n: most.credited });
}

async function loadOne(id: string, { from, to }: Range) {
  const query = { from, to, branch_id: id };
  const tree = await loadTree({ from, to } as Range);
  const node = findNode(tree, id);
  if (node === null) return null;
  const [funnel, mentors, channels] = await Promise.all([
    api.getFunnelReport({ query }),
    api.getMentorsReport({ query: { ...query, sort: 'credited' } }),
    api.getChannelsReport({ query }),
  ]);
  return { node, path: pathTo(tree, id).slice(0, -1), funnel, mentors: mentors.data, channels: channels.data };
}

/** One branch with everything below it: how it goes, the branches below, who recruited most, by which channels. */
export function BranchPage({ id }: { id: string }) {
  const { query } = usePlace();
  const range = readRange(query);
  const loaded = useLoad(`branch ${id} ${range.from} ${range.to}`, async () => ({ one: await loadOne(id, range) }));
  useLive(followed, loaded.refresh);
  return (
    <Shown loaded={loaded} lines={8}>
      {({ one }) => (one === null ? <NoAccess /> : <One one={one} range={range} />)}
    </Shown>
  );
}

function One({ one, range }: { one: NonNullable<Awaited<ReturnType<typeof loadOne>>>; range: Range }) {
  const { node, path, funnel, mentors, channels } = one;
  const carried = keepRange(usePlace().query);
  const name = node.name ?? '';
  return (
    <>
      <nav className="crumbs" aria-label={say('common.breadcrumbs')}>
        <Link to={`/branches${carried}`}>{say('nav.branches')}</Link>
        {path.map((above) => (
          <span key={above.id} className="row g8">
            <span aria-hidden="true">/</span>
            <Link to={`/branches/${above.id}${carried}`}>{above.name}</Link>
          </span>
        ))}
      </nav>
      <div className="pagehead">
        <div className="stack g4">
          <Heading title={`${name}: ${lower(sentenceOf(funnel, range))}`} />
          <p className="sub" role="status">
            {comparisonOf(funnel, range)}{' '}
            {say('overview.days', { from: sayDay(range.from), to: sayDay(lastDayOf(range)) })}
          </p>
        </div>
      </div>
      <div className="row between wrap filters">
        <RangeChoice range={range} />
        <LiveSign />
      </div>
      <div className="stack g24">
        <div className="cols two">
          <Funnel report={funnel} days={range.days} />
          <section className="card stack g8" aria-labelledby="top">
            <div className="row between">
              <h2 id="top">{say('overview.top')}</h2>
              <Link
                className="small"
                to={`/mentors?${new URLSearchParams([['branch', node.id ?? ''], ...new URLSearchParams(carried)])}`}
              >
                {say('mentor.allRecruitments', { n: mentors.length })}
              </Link>
            </div>
            {mentors.every(({ credited }) => credited === 0) ? (
              <p className="sub">{say('overview.nobodyYet')}</p>
            ) : (
              <ul className="lined">
                {mentors
                  .filter(({ credited }) => credited > 0)
                  .slice(0, 5)
                  .map((row) => (
                    <li key={row.mentor_id} className="row between">
                      <Link to={`/mentors/${row.mentor_id}${carried}`}>{row.display_name}</Link>
                      <b className="num">{sayNumber(row.credited)}</b>
                    </li>
                  ))}
              </ul>
            )}
          </section>
        </div>
        {node.children.length > 0 && (
          <section className="stack g12" aria-labelledby="below">
            <h2 id="below">{say('branches.belowTitle')}</h2>
            <BranchTable nodes={node.children} caption={say('branches.belowTitle')} />
          </section>
        )}
        <section className="stack g12" aria-labelledby="channels">
          <h2 id="channels">{say('nav.channels')}</h2>
          <ChannelTable rows={channels} withoutClick={funnel.credited_without_click} />
        </section>
      </div>
    </>
  );
}

const lower = (sentence: string): string => sentence.charAt(0).toLocaleLowerCase('nb') + sentence.slice(1);
