import { LiveSign } from '../live/live-sign.tsx';
import { say, sayDay } from '../say.ts';
import { Heading } from './page.tsx';
import { lastDayOf, type Range, RangeChoice } from './range.tsx';

/** What stands above a report: its result as a sentence, its days, the same as CSV, and the choice of days. */
export function ReportHead({ title, report, range }: { title: string; report: 'branches' | 'channels'; range: Range }) {
  const csv = `/api/v1/reports/${report}?${new URLSearchParams({ from: range.from, to: range.to, format: 'csv' })}`;
  return (
    <>
      <div className="pagehead">
        <div className="stack g4">
          <Heading title={title} />
          <p className="sub" role="status">
            {say('overview.days', { from: sayDay(range.from), to: sayDay(lastDayOf(range)) })}
          </p>
        </div>
        <a className="btn neutral sm" href={csv} download>
          {say('common.csv')}
        </a>
      </div>
      <div className="row between wrap filters">
        <RangeChoice range={range} />
        <LiveSign />
      </div>
    </>
  );
}
