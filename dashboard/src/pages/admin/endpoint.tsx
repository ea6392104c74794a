import { useState } from 'react';
import type { NewWebhookEndpoint, WebhookEndpoint } from '../../../../src/client/index.ts';
import { api, orNothing } from '../../api.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { EndpointStatus } from '../../parts/endpoint-status.tsx';
import { tell } from '../../parts/message.tsx';
import { NoAccess } from '../../parts/no-access.tsx';
import { Heading } from '../../parts/page.tsx';
import { Shown } from '../../parts/states.tsx';
import { Link, navigate } from '../../router.tsx';
import { say } from '../../say.ts';
import { useLoad } from '../../use-load.ts';
import { Deliveries } from './deliveries.tsx';
import { EndpointDialog } from './endpoint-dialog.tsx';
import { EndpointSecret, nameOf, typesOf } from './endpoints.tsx';

/** null = there is none, or not here. */
async function loadEndpoint(id: string): Promise<WebhookEndpoint | null> {
  const endpoint = await orNothing(api.getWebhookEndpoint({ path: { id } }));
  return endpoint?.status === 'deleted' ? null : endpoint;
}

/** One receiver: how it stands, what it gets, and every delivery to it. */
export function EndpointPage({ id }: { id: string }) {
  const loaded = useLoad(`endpoint ${id}`, async () => ({ endpoint: await loadEndpoint(id) }));
  return (
    <Shown loaded={loaded} lines={5}>
      {({ endpoint }) => (endpoint === null ? <NoAccess /> : <One endpoint={endpoint} onChanged={loaded.reload} />)}
    </Shown>
  );
}

type Open = 'change' | 'rotate' | 'remove' | NewWebhookEndpoint | null;

function One({ endpoint, onChanged }: { endpoint: WebhookEndpoint; onChanged: () => void }) {
  const [open, setOpen] = useState<Open>(null);
  const [round, setRound] = useState(0);
  const path = { id: endpoint.id };
  const name = nameOf(endpoint);
  const close = (): void => setOpen(null);
  async function act(work: () => Promise<unknown>, text: string): Promise<void> {
    try {
      await work();
      tell(text);
    } catch {
      tell(say('admin.refused', { why: say('state.error.text') }));
    }
    onChanged();
    setRound(round + 1);
  }
  return (
    <div className="stack g24">
      <nav className="crumbs" aria-label={say('common.breadcrumbs')}>
        <Link to="/admin/connections">{say('connections.title')}</Link>
      </nav>
      <section className="card stack g12">
        <div className="row between wrap">
          <Heading title={name} />
          <EndpointStatus endpoint={endpoint} />
        </div>
        <p className="breakable">{endpoint.url}</p>
        <p className="small sub breakable">{typesOf(endpoint)}</p>
        <div className="row g8 wrap">
          {endpoint.status === 'enabled' ? (
            <>
              <button
                type="button"
                className="btn neutral sm"
                onClick={() => act(() => api.testWebhookEndpoint({ path }), say('endpoints.tested'))}
              >
                {say('endpoints.test')}
              </button>
              <button
                type="button"
                className="btn neutral sm"
                onClick={() => act(() => api.disableWebhookEndpoint({ path }), say('endpoints.stopped'))}
              >
                {say('endpoints.disable')}
              </button>
            </>
          ) : (
            <button
              type="button"
              className="btn neutral sm"
              onClick={() => act(() => api.enableWebhookEndpoint({ path }), say('endpoints.enabled'))}
            >
              {say('endpoints.enable')}
            </button>
          )}
          <button type="button" className="btn neutral sm" onClick={() => setOpen('change')}>
            {say('endpoints.change')}
          </button>
          <button type="button" className="btn neutral sm" onClick={() => setOpen('rotate')}>
            {say('endpoints.rotate')}
          </button>
          <button type="button" className="btn neutral sm" onClick={() => setOpen('remove')}>
            {say('endpoints.remove')}
          </button>
        </div>
      </section>
      <Deliveries endpointId={endpoint.id} round={round} />
      {open === 'change' && (
        <EndpointDialog
          endpoint={endpoint}
          onClose={close}
          onSaved={() => {
            close();
            tell(say('endpoints.changed'));
            onChanged();
          }}
        />
      )}
      {open === 'rotate' && (
        <ConfirmDialog
          title={say('endpoints.rotate')}
          act={say('endpoints.rotate')}
          onClose={close}
          onAct={async () => setOpen(await api.rotateWebhookEndpointSecret({ path }))}
        >
          <p>{say('endpoints.rotate.text')}</p>
        </ConfirmDialog>
      )}
      {open === 'remove' && (
        <ConfirmDialog
          title={say('endpoints.remove.title', { name })}
          act={say('endpoints.remove')}
          onClose={close}
          onAct={async () => {
            await api.deleteWebhookEndpoint({ path });
            tell(say('endpoints.removed'));
            navigate('/admin/connections');
          }}
        >
          <p>{say('endpoints.remove.text')}</p>
          <p>{say('admin.cannotUndo')}</p>
        </ConfirmDialog>
      )}
      {open !== null && typeof open !== 'string' && <EndpointSecret endpoint={open} onClose={close} />}
    </div>
  );
}
