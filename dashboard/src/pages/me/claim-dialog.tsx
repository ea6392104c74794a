import { type FormEvent, useState } from 'react';
import { api, VerveProblem } from '../../api.ts';
import { boot } from '../../boot.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { tell } from '../../parts/message.tsx';
import { dayFromToday, say } from '../../say.ts';

const channels = ['qr', 'poster', 'whatsapp', 'sms', 'email', 'messenger', 'facebook', 'other'] as const;

/** «Missing someone?»: about which day, and how it was shared. There is no field for a name. */
export default function ClaimDialog({ onClose }: { onClose: () => void }) {
  const [day, setDay] = useState('');
  const [channel, setChannel] = useState<(typeof channels)[number]>('qr');
  const [failure, setFailure] = useState<string | null>(null);
  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    try {
      await api.fileClaim({
        body: { claimant: 'mentor', mentor_id: boot.person.mentorId ?? '', met_on: day, channel },
      });
      tell(say('claim.sent'));
      onClose();
    } catch (error) {
      setFailure(error instanceof VerveProblem ? error.message : say('state.error.text'));
    }
  }
  return (
    <Dialog title={say('claim.title')} onClose={onClose}>
      <form className="stack" onSubmit={send}>
        <p className="sub">{say('claim.intro')}</p>
        {failure !== null && (
          <p className="alert danger" role="alert">
            {failure}
          </p>
        )}
        <TextField
          id="claim-day"
          label={say('claim.when')}
          type="date"
          required
          max={dayFromToday(0)}
          value={day}
          onChange={setDay}
        />
        <SelectField
          id="claim-channel"
          label={say('claim.how')}
          options={channels}
          sayOption={(one) => say(`channel.${one}`)}
          value={channel}
          onChange={setChannel}
        />
        <button type="submit" className="btn block">
          {say('claim.send')}
        </button>
      </form>
    </Dialog>
  );
}
