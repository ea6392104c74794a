import type { Attribution } from '../../../../src/client/index.ts';
import { CheckIcon, HourglassIcon } from '../../icons.tsx';
import { say } from '../../say.ts';

/** How it stands, in a word: the review comes before the credit. */
export function StatusTag({ attribution }: { attribution: Attribution }) {
  const { status, is_credited: isCredited, review_state: review } = attribution;
  if (isCredited) {
    return (
      <span className="tag success">
        <CheckIcon />
        {say('attr.tag.credited')}
      </span>
    );
  }
  if (status === 'confirmed') {
    return <span className="tag warning">{say(review === 'rejected' ? 'attr.tag.refused' : 'attr.tag.review')}</span>;
  }
  return (
    <span className={status === 'pending' ? 'tag info' : 'tag'}>
      {status === 'pending' && <HourglassIcon />}
      {say(`attr.status.${status}`)}
    </span>
  );
}
