import { boot, isCoordinator, isMentor } from '../boot.ts';
import { Link } from '../router.tsx';
import { say } from '../say.ts';
import { Heading } from './page.tsx';

/** An address that is not there, or not for this person: both look the same. */
export function NoAccess() {
  return (
    <div className="card stack g12 start narrow">
      <Heading title={say('state.notHere')} />
      <p className="sub">{say('state.noAccess', { org: boot.organisation.name })}</p>
      {(isMentor || isCoordinator) && (
        <Link className="btn sec sm" to={isCoordinator ? '' : '/me'}>
          {say('common.back')}
        </Link>
      )}
    </div>
  );
}
