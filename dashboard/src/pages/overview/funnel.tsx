import type { FunnelReport } from '../../../../src/client/index.ts';
import { ClockIcon } from '../../icons.tsx';
import { say, sayNumber, sayPercent } from '../../say.ts';

type Step = FunnelReport['steps'][number];

/** The funnel is a table whose rows carry a bar on one common scale, with a mark for the period before. */
export function Funnel({ report, days }: { report: FunnelReport; days: number }) {
  const most = Math.max(1, ...report.steps.flatMap((step) => [step.count, step.count_before]));
  const { previews, prefetches, crawlers, others } = report.machines;
  return (
    <section className="card" aria-labelledby="funnel">
      <div className="row between">
        <h2 id="funnel">{say('funnel.title')}</h2>
        <span className="small sub row g8" aria-hidden="true">
          <span className="beforemark" />
          {say('funnel.before')}
        </span>
      </div>
      <table className="fun">
        <caption className="vh">{say('funnel.caption', { days })}</caption>
        <thead>
          <tr>
            <th scope="col">{say('funnel.stage')}</th>
            <th scope="col">
              <span className="vh">{say('funnel.share')}</span>
            </th>
            <th scope="col" className="r">
              {say('funnel.count')}
            </th>
            <th scope="col" className="r">
              {say('funnel.versus')}
            </th>
            <th scope="col" className="r">
              {say('funnel.dropOff')}
            </th>
          </tr>
        </thead>
        <tbody>
          {report.steps.map((step, index) => (
            <Row key={step.stage} step={step} next={report.steps[index + 1]} most={most} />
          ))}
        </tbody>
      </table>
      <p className="small sub note">
        {say('funnel.note', {
          bots: previews + prefetches + crawlers + others,
          noClick: report.credited_without_click,
        })}
      </p>
    </section>
  );
}

/** The typical time to the next stage stands under this one's bar. */
function Row({ step, next, most }: { step: Step; next: Step | undefined; most: number }) {
  const change = step.count_before === 0 ? null : step.count / step.count_before - 1;
  const time = next?.median_seconds ?? null;
  return (
    <tr>
      <th scope="row">{say(`funnel.${step.stage}`)}</th>
      <td className="barcell">
        <span className="scale" aria-hidden="true">
          {step.count > 0 && <span className="fill" style={{ width: `${(step.count / most) * 100}%` }} />}
          {step.count_before > 0 && <span className="prev" style={{ left: `${(step.count_before / most) * 100}%` }} />}
        </span>
        {time !== null && (
          <span className="med">
            <ClockIcon />
            {say(next?.stage === 'registered' ? 'funnel.medianRegister' : 'funnel.medianConfirm', {
              time: sayDuration(time),
            })}
          </span>
        )}
      </td>
      <td className="r big">{sayNumber(step.count)}</td>
      <td className="r sub">{change === null ? <None /> : sayPercent(change, true)}</td>
      <td className="r">{step.drop_off_percent === null ? <None /> : sayPercent(step.drop_off_percent / 100)}</td>
    </tr>
  );
}

function None() {
  return (
    <>
      <span className="sub" aria-hidden="true">
        –
      </span>
      <span className="vh">{say('common.notCalculated')}</span>
    </>
  );
}

/** The largest unit that fits: days, hours, or minutes. */
function sayDuration(seconds: number): string {
  if (seconds >= 86_400) return say('common.days', { n: Math.round(seconds / 86_400) });
  if (seconds >= 3_600) return say('common.hours', { n: Math.round(seconds / 3_600) });
  return say('common.minutes', { n: Math.max(1, Math.round(seconds / 60)) });
}
