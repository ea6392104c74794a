import type { Attribution } from '../../../../src/client/index.ts';
import { CheckIcon, HourglassIcon } from '../../icons.tsx';
import { say } from '../../say.ts';

/** How it stands, in a word: the review comes before the credit. */
export function sayStatus({ status, is_credited: isCredited, review_state: review }: Attribution): string {
  if (isCredited) return say('attr.tag.credited');
  if (status === 'confirmed') return say(review === 'rejected' ? 'attr.tag.refused' : 'attr.tag.review');
  return say(`attr.status.${status}`);
}

export function StatusTag({ attribution }: { attribution: Attribution }) {
  const { status, is_credited: isCredited } = attribution;
  const look = isCredited ? 'tag success' : status === 'confirmed' ? 'tag warning' : 'tag';
  return (
    <span className={status === 'pending' ? 'tag info' : look}>
      {isCredited && <CheckIcon />}
      {status === 'pending' && <HourglassIcon />}
      {sayStatus(attribution)}
    </span>
  );
}
