import { say, sayTime } from '../say.ts';
import { useLiveState } from './live.ts';

/** Says that figures follow by themselves, or that they do not, and of when they are. */
export function LiveSign() {
  const { isBroken, freshAt } = useLiveState();
  return (
    <span className={isBroken ? 'live broken' : 'live'} role="status">
      {isBroken ? say('common.liveOff', { time: sayTime(new Date(freshAt).toISOString()) }) : say('common.live')}
    </span>
  );
}
