import { useState } from 'react';
import type { NewWebhookEndpoint, WebhookEndpoint } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { EndpointStatus, hostOf } from '../../parts/endpoint-status.tsx';
import { PageHead } from '../../parts/page.tsx';
import { SecretDialog } from '../../parts/secret-dialog.tsx';
import { Empty, Shown } from '../../parts/states.tsx';
import { Link } from '../../router.tsx';
import { say } from '../../say.ts';
import { useLoad } from '../../use-load.ts';
import { EndpointDialog } from './endpoint-dialog.tsx';

async function loadEndpoints(): Promise<WebhookEndpoint[]> {
  const { data } = await api.listWebhookEndpoints();
  return data.filter(({ status }) => status !== 'deleted');
}

/** Systems that are told when something happens here. */
export function EndpointsPage() {
  const loaded = useLoad('endpoints', loadEndpoints);
  const [isAdding, setAdding] = useState(false);
  const [made, setMade] = useState<NewWebhookEndpoint | null>(null);
  return (
    <>
      <PageHead title={say('connections.title')} intro={say('endpoints.intro')}>
        <button type="button" className="btn sm" onClick={() => setAdding(true)}>
          {say('endpoints.make')}
        </button>
      </PageHead>
      <Shown loaded={loaded} lines={3}>
        {(endpoints) =>
          endpoints.length === 0 ? (
            <Empty title={say('endpoints.none')} />
          ) : (
            <ul className="card lined">
              {endpoints.map((endpoint) => (
                <li key={endpoint.id} className="row between wrap">
                  <div className="stack g4 grow">
                    <h2 className="item breakable">
                      <Link to={`/admin/connections/endpoints/${endpoint.id}`}>{nameOf(endpoint)}</Link>
                    </h2>
                    <p className="small sub breakable">{endpoint.url}</p>
                    <p className="small sub breakable">{typesOf(endpoint)}</p>
                  </div>
                  <EndpointStatus endpoint={endpoint} />
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
      {isAdding && (
        <EndpointDialog
          endpoint={null}
          onClose={() => setAdding(false)}
          onSaved={(saved) => {
            setAdding(false);
            if ('secret' in saved) setMade(saved);
            loaded.reload();
          }}
        />
      )}
      {made !== null && <EndpointSecret endpoint={made} onClose={() => setMade(null)} />}
    </>
  );
}

/** What people call it: its name, else its host. */
export const nameOf = ({ description, url }: WebhookEndpoint): string => description || hostOf(url);

export const typesOf = ({ event_types: types }: WebhookEndpoint): string =>
  types?.join(', ') ?? say('endpoints.allTypes');

export function EndpointSecret({ endpoint, onClose }: { endpoint: NewWebhookEndpoint; onClose: () => void }) {
  return (
    <SecretDialog
      title={say('endpoints.secret.title')}
      text={say('endpoints.secret.text')}
      label={say('endpoints.secret.label', { name: nameOf(endpoint) })}
      secret={endpoint.secret}
      onClose={onClose}
    />
  );
}
