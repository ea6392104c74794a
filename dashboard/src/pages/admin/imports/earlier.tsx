import { api } from '../../../api.ts';
import { Shown } from '../../../parts/states.tsx';
import { Link } from '../../../router.tsx';
import { say, sayMoment } from '../../../say.ts';
import { useLoad } from '../../../use-load.ts';
import { countLines } from './results.ts';

/** Long files of before, newest first, each with its result. */
export function EarlierImports() {
  const loaded = useLoad('imports', () => api.listImports({ query: { limit: 20 } }));
  return (
    <section className="card stack" aria-labelledby="import-earlier">
      <h2 id="import-earlier">{say('import.earlier')}</h2>
      <p className="small sub">{say('import.earlier.text')}</p>
      <Shown loaded={loaded} lines={2}>
        {({ data }) =>
          data.length === 0 ? (
            <p>{say('import.earlier.none')}</p>
          ) : (
            <ul className="lined">
              {data.map((one) => (
                <li key={one.id}>
                  <Link to={`/admin/import?import=${one.id}`}>{sayMoment(one.created_at)}</Link>
                  <p className="small sub">
                    {say(one.is_preview ? 'import.kind.preview' : 'import.kind.import')} ·{' '}
                    {say(`import.is.${one.status}`)} · {say('import.ofLines', { n: countLines(one).total })}
                  </p>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </section>
  );
}
