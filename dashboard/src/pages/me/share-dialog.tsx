import { useState } from 'react';
import type { ShareItem } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { boot } from '../../boot.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { tell } from '../../parts/message.tsx';
import { Shown } from '../../parts/states.tsx';
import { say } from '../../say.ts';
import { useLoad } from '../../use-load.ts';

function platform(): 'ios' | 'android' | 'other' {
  if (/iPhone|iPad/.test(navigator.userAgent)) return 'ios';
  return /Android/.test(navigator.userAgent) ? 'android' : 'other';
}

/** A ready text that can be changed, and the channels. The mentor sends; we never do. */
export default function ShareDialog({ codeId, onClose }: { codeId: string; onClose: () => void }) {
  const kit = useLoad(`share kit ${codeId}`, () =>
    api.getShareKit({ path: { id: codeId }, query: { language: boot.language, platform: platform() } }),
  );
  return (
    <Dialog title={say('share.title')} onClose={onClose}>
      <Shown loaded={kit}>{({ data }) => <Channels items={data} onClose={onClose} />}</Shown>
    </Dialog>
  );
}

function Channels({ items, onClose }: { items: readonly ShareItem[]; onClose: () => void }) {
  const copied = items.find(({ channel }) => channel === 'copy');
  const ready = copied?.text ?? '';
  const [text, setText] = useState(ready);
  /** The changed text in a channel's address: every channel has a link of its own. */
  const addressOf = (item: ShareItem): string => {
    const own = text.replace(copied?.url ?? '', item.url);
    return (item.open_url ?? '').replace(encodeURIComponent(item.text), encodeURIComponent(own));
  };
  const note = (channel: ShareItem['channel']): void => {
    void api.recordShare({ body: { mentor_id: boot.person.mentorId ?? '', channel } }).catch(() => undefined);
  };
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // The browser lets nobody copy for it: what is to be copied stands marked, for the hand.
      (document.getElementById('share-text') as HTMLTextAreaElement).select();
      return;
    }
    note('copy');
    tell(say('common.linkCopied'));
    onClose();
  }
  return (
    <div className="stack">
      <Field id="share-text" label={say('share.messageLabel')}>
        <textarea
          id="share-text"
          className="input"
          rows={4}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      <h3>{say('share.via')}</h3>
      <div className="channels">
        {items
          .filter(({ open_url: url }) => url !== null)
          .map((item) => (
            <a
              key={item.channel}
              className="btn sec"
              href={addressOf(item)}
              target="_blank"
              rel="noreferrer"
              onClick={() => note(item.channel)}
            >
              {say(`channel.${item.channel}`)}
            </a>
          ))}
        <button type="button" className="btn" onClick={copy}>
          {say('me.copy')}
        </button>
      </div>
      <p className="small sub">{say('share.weNeverSend')}</p>
    </div>
  );
}
