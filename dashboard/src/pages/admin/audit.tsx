import type { AuditEntry } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { SelectField, TextField } from '../../parts/field.tsx';
import { Filters } from '../../parts/filters.tsx';
import { PageHead } from '../../parts/page.tsx';
import { Pages } from '../../parts/pages.tsx';
import { Empty, Shown } from '../../parts/states.tsx';
import { changeQuery, usePlace } from '../../router.tsx';
import { dayFromToday, locale, say, sayMoment, type WordKey } from '../../say.ts';
import { useLoad } from '../../use-load.ts';
import { type AuditAction, auditActions } from './audit-actions.ts';

const perPage = 50;
const dayForm = /^\d{4}-\d{2}-\d{2}$/;

/** When a day of this browser's begins; null = no day. `later` days on. */
function beginningOf(day: string | null, later = 0): string | null {
  if (day === null || !dayForm.test(day)) return null;
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

/** Who did what, newest first; act, days and page stand in the address. */
export function AuditPage() {
  const { query } = usePlace();
  const action = auditActions.find((one) => one === query.get('action')) ?? null;
  const from = beginningOf(query.get('from'));
  const to = beginningOf(query.get('to'), 1);
  const page = Math.max(1, Number(query.get('page')) || 1);
  const loaded = useLoad(`audit ${action} ${from} ${to} ${page}`, async () => {
    const narrowed = { ...(action && { action }), ...(from && { from }), ...(to && { to }) };
    const [me, list] = await Promise.all([
      api.getMe(),
      api.listAuditEntries({ query: { page, limit: perPage, ...narrowed } }),
    ]);
    return { me: me.user_id, entries: list.data, total: list.pagination?.total ?? 0 };
  });
  return (
    <>
      <PageHead title={say('nav.admin.audit')} intro={say('audit.intro')} />
      <div className="stack">
        <AuditFilters action={action} />
        <Shown loaded={loaded} lines={8}>
          {({ me, entries, total }) => (
            <div className="stack">
              <p className="small sub" role="status">
                {say('mentors.showing', { n: entries.length, total })}
              </p>
              {entries.length === 0 ? (
                <Empty title={say('audit.none')}>
                  <button
                    type="button"
                    className="btn sec sm"
                    onClick={() => changeQuery({ action: null, from: null, to: null, page: null })}
                  >
                    {say('audit.none.reset')}
                  </button>
                </Empty>
              ) : (
                <ul className="card lined">
                  {entries.map((entry) => (
                    <Entry key={entry.id} entry={entry} me={me} />
                  ))}
                </ul>
              )}
              {total > perPage && <Pages count={Math.ceil(Math.min(total, 10_000) / perPage)} page={page} />}
            </div>
          )}
        </Shown>
      </div>
    </>
  );
}

function AuditFilters({ action }: { action: AuditAction | null }) {
  const { query } = usePlace();
  const nameOf = (one: AuditAction | ''): string => say(one === '' ? 'common.all' : `audit.act.${one}`);
  const byName = auditActions.toSorted((one, other) => nameOf(one).localeCompare(nameOf(other), locale));
  return (
    <search className="row wrap filters">
      <Filters count={[action, query.get('from'), query.get('to')].filter(Boolean).length}>
        <SelectField
          id="audit-action"
          label={say('audit.action')}
          className="input sm"
          options={['', ...byName]}
          sayOption={nameOf}
          value={action ?? ''}
          onChange={(one) => changeQuery({ action: one, page: null })}
        />
        {(['from', 'to'] as const).map((end) => (
          <TextField
            key={end}
            id={`audit-${end}`}
            label={say(`audit.${end}`)}
            className="input sm"
            type="date"
            max={dayFromToday(0)}
            value={query.get(end) ?? ''}
            onChange={(day) => changeQuery({ [end]: day, page: null })}
          />
        ))}
      </Filters>
    </search>
  );
}

function Entry({ entry, me }: { entry: AuditEntry; me: string | null }) {
  const { actor, payload } = entry;
  return (
    <li className="stack g4">
      <div className="row between wrap dated">
        <h2 className="item">{say(`audit.act.${entry.action}`)}</h2>
        <span className="small sub">{sayMoment(entry.occurred_at)}</span>
      </div>
      <p className="small breakable">
        {actorOf(actor)}{' '}
        {me !== null && actor === `person:${me}` && <span className="tag info">{say('audit.you')}</span>}
      </p>
      <details className="small">
        <summary>
          {say('audit.details')}
          <span className="vh">
            {' '}
            {say(`audit.act.${entry.action}`)}, {sayMoment(entry.occurred_at)}
          </span>
        </summary>
        <p className="sub breakable">
          {entry.action} · {entry.subject_type} {entry.subject_id} ·{' '}
          {say(entry.is_sealed ? 'audit.sealed' : 'audit.open')}
        </p>
        {payload != null && <pre className="mono wrapped">{JSON.stringify(payload, null, 2)}</pre>}
      </details>
    </li>
  );
}

const kinds: Readonly<Record<string, WordKey>> = {
  person: 'audit.by.person',
  key: 'audit.by.key',
  system: 'audit.by.system',
};

/** `person:…`, `key:…` and `system:…` in words; what is not known stands as it is. */
function actorOf(actor: string | null): string {
  if (actor === null) return say('audit.by.erased');
  const at = actor.indexOf(':');
  const key = kinds[actor.slice(0, at)];
  return key === undefined ? actor : say(key, { id: actor.slice(at + 1) });
}
