import { useState } from 'react';
import { api } from '../../../api.ts';
import { boot } from '../../../boot.ts';
import { WarningIcon } from '../../../icons.tsx';
import { CheckField } from '../../../parts/field.tsx';
import { PageHead } from '../../../parts/page.tsx';
import { Refusal } from '../../../parts/refusal.tsx';
import { Shown } from '../../../parts/states.tsx';
import { TypedDialog } from '../../../parts/typed-dialog.tsx';
import { say, sayNumber } from '../../../say.ts';
import { useLoad } from '../../../use-load.ts';
import { path } from '../use-organisation-form.ts';
import { exportEverything, type Receipt } from './export-everything.ts';

const { slug } = boot.organisation;
/** What is told beforehand, each with the tables that it is counted over. */
const told = {
  mentors: ['mentors'],
  codes: ['referral_codes'],
  recruitments: ['referral_attributions'],
  clicks: ['referral_clicks', 'click_counts'],
  events: ['referral_events'],
} as const;

/** The organisation leaves: everything out, what would go, then gone after a typed word. */
export function OffBoardingPage() {
  const loaded = useLoad('off-boarding', () => api.previewOffboardOrganisation({ path }));
  const [receipt, setReceipt] = useState<Receipt | null>(null);
  const [isWithout, setWithout] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const isReady = receipt !== null || isWithout;
  return (
    <>
      <PageHead title={say('leave.title')} intro={say('leave.intro')} />
      <ol className="stack g24">
        <li>
          <ExportCard receipt={receipt} onExported={setReceipt} isWithout={isWithout} onWithout={setWithout} />
        </li>
        <li className="card stack">
          <h2>{say('leave.goes')}</h2>
          <Shown loaded={loaded} lines={5}>
            {({ rows }) => <Going rows={rows} />}
          </Shown>
        </li>
        <li className="card stack">
          <h2>{say('leave.end')}</h2>
          <div className="alert warning">
            <WarningIcon />
            <p>{say('leave.end.text')}</p>
          </div>
          <div className="stack g8">
            <div>
              <button type="button" className="btn danger" disabled={!isReady} onClick={() => setAsking(true)}>
                {say('leave.act')}
              </button>
            </div>
            {!isReady && <p className="small sub">{say('leave.exportFirst')}</p>}
          </div>
        </li>
      </ol>
      {isAsking && (
        <TypedDialog
          title={say('leave.ask')}
          act={say('leave.forGood')}
          word={slug}
          onClose={() => setAsking(false)}
          onAct={async () => {
            const proof = receipt === null ? { without_export: true as const } : { receipt: receipt.receipt };
            await api.offboardOrganisation({ path, body: { confirm: slug, ...proof } });
            location.assign('/app/sign-in');
          }}
        >
          <p>{say('leave.end.text')}</p>
          {receipt === null && <p>{say('leave.withoutExport')}</p>}
          <p>
            <b>{say('admin.cannotUndo')}</b>
          </p>
        </TypedDialog>
      )}
    </>
  );
}

function ExportCard({
  receipt,
  onExported,
  isWithout,
  onWithout,
}: {
  receipt: Receipt | null;
  onExported: (receipt: Receipt) => void;
  isWithout: boolean;
  onWithout: (isWithout: boolean) => void;
}) {
  const [rows, setRows] = useState<number | null>(null);
  const [isCut, setCut] = useState(false);
  const [error, setError] = useState<unknown>(null);
  async function begin(): Promise<void> {
    setRows(0);
    setCut(false);
    setError(null);
    try {
      const made = await exportEverything(`${slug}.ndjson`, setRows);
      if (made === null) setCut(true);
      else onExported(made);
    } catch (refusal) {
      setError(refusal);
    } finally {
      setRows(null);
    }
  }
  return (
    <section className="card stack" aria-labelledby="leave-export">
      <h2 id="leave-export">{say('leave.export')}</h2>
      <p className="sub">{say('leave.export.text')}</p>
      <Refusal error={error} />
      {isCut && (
        <p className="alert danger" role="alert">
          {say('leave.export.cut')}
        </p>
      )}
      <div className="row wrap">
        <button type="button" className="btn sec" disabled={rows !== null} onClick={begin}>
          {say('leave.export.act')}
        </button>
        <span role="status">
          {rows !== null && say('leave.export.rows', { n: rows })}
          {rows === null && receipt !== null && say('leave.export.done', { n: receipt.rows })}
        </span>
      </div>
      {receipt === null && (
        <CheckField id="leave-without" label={say('leave.without')} isChecked={isWithout} onChange={onWithout} />
      )}
    </section>
  );
}

/** The few that people know by name, and all the rest as one. */
function Going({ rows }: { rows: Readonly<Record<string, number>> }) {
  const sumOf = (tables: readonly string[]): number => tables.reduce((sum, table) => sum + (rows[table] ?? 0), 0);
  const named = Object.entries(told).map(([key, tables]) => [key as keyof typeof told, sumOf(tables)] as const);
  const all = sumOf(Object.keys(rows));
  const rest = all - named.reduce((sum, [, count]) => sum + count, 0);
  return (
    <div className="stack">
      <ul className="import-counts">
        {named.map(([key, count]) => (
          <li key={key} className="row between">
            <span>{say(`leave.row.${key}`)}</span>
            <b className="num">{sayNumber(count)}</b>
          </li>
        ))}
        <li className="row between">
          <span>{say('leave.row.rest')}</span>
          <b className="num">{sayNumber(rest)}</b>
        </li>
      </ul>
      <p className="small sub">{say('leave.stays')}</p>
    </div>
  );
}
