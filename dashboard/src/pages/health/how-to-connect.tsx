import { useState } from 'react';
import { api } from '../../api.ts';
import { boot, isAdmin } from '../../boot.ts';
import { tell } from '../../parts/message.tsx';
import { SecretDialog } from '../../parts/secret-dialog.tsx';
import { say } from '../../say.ts';

const address = `${location.origin}/api/v1/webhooks/membership/${boot.organisation.slug}`;

/** Nothing was ever heard: the steps for who can take them, whom to ask for the others. */
export function HowToConnect() {
  return (
    <section className="card stack g12" aria-labelledby="connect">
      <h2 id="connect">{say('health.never.how')}</h2>
      {isAdmin ? <Steps /> : <p>{say('health.never.ask')}</p>}
    </section>
  );
}

function Steps() {
  const [secret, setSecret] = useState<string | null>(null);
  async function make(): Promise<void> {
    try {
      const made = await api.rotateOrganisationSecret({
        path: { id: boot.organisation.id },
        body: { purpose: 'webhook_signing' },
      });
      setSecret(made.value);
    } catch {
      tell(say('state.error.text'));
    }
  }
  return (
    <>
      <ol className="numbered">
        <li>
          {say('health.never.1')}
          <dl className="facts connecting">
            <div>
              <dt>{say('health.never.address')}</dt>
              <dd className="mono breakable">{address}</dd>
            </div>
          </dl>
          <button type="button" className="btn neutral sm" onClick={make}>
            {say('health.never.secret')}
          </button>
        </li>
        <li>{say('health.never.2')}</li>
        <li>{say('health.never.3')}</li>
      </ol>
      {secret !== null && (
        <SecretDialog
          title={say('endpoints.secret.title')}
          text={say('health.never.secret.text')}
          label={say('health.never.secret.label')}
          secret={secret}
          onClose={() => setSecret(null)}
        />
      )}
    </>
  );
}
