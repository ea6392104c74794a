import { isAdmin } from '../boot.ts';
import { Link } from '../router.tsx';
import { say } from '../say.ts';

const steps = [
  { key: 'start.branches', text: 'start.branches.text', to: '/admin/branches' },
  { key: 'start.mentors', text: 'start.mentors.text', to: '/admin/mentor-import' },
  { key: 'start.connect', text: 'start.connect.text', to: '/health' },
] as const;

/** What to do first, where there is no mentor yet; a coordinator cannot, and is told whom to ask. */
export function NobodyYet() {
  return (
    <section className="card stack g8" aria-labelledby="start">
      <h2 id="start">{say('start.title')}</h2>
      {isAdmin ? (
        <ol className="numbered">
          {steps.map(({ key, text, to }) => (
            <li key={key}>
              <Link to={to}>{say(key)}</Link>
              <p className="small sub">{say(text)}</p>
            </li>
          ))}
        </ol>
      ) : (
        <p className="sub">{say('start.ask')}</p>
      )}
    </section>
  );
}
