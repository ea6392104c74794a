import { useState } from 'react';
import type { ApiKey, NewApiKey } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { tell } from '../../parts/message.tsx';
import { PageHead } from '../../parts/page.tsx';
import { SecretDialog } from '../../parts/secret-dialog.tsx';
import { Empty, Shown } from '../../parts/states.tsx';
import { say, sayDay, sayMoment, type WordKey } from '../../say.ts';
import { useLoad } from '../../use-load.ts';
import { NewKeyDialog } from './new-key-dialog.tsx';

async function loadKeys(): Promise<ApiKey[]> {
  const { data } = await api.listApiKeys({ query: { limit: 200 } });
  return data;
}

type Open = { dialog: 'new' } | { dialog: 'secret'; key: NewApiKey } | { dialog: 'revoke'; key: ApiKey } | null;

/** Keys of other systems: which there are, what each may do, a new one, an end to one. */
export function KeysPage() {
  const loaded = useLoad('keys', loadKeys);
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  return (
    <>
      <PageHead title={say('keys.title')} intro={say('keys.intro')}>
        <button type="button" className="btn sm" onClick={() => setOpen({ dialog: 'new' })}>
          {say('keys.make')}
        </button>
      </PageHead>
      <Shown loaded={loaded} lines={4}>
        {(keys) =>
          keys.length === 0 ? (
            <Empty title={say('keys.none')} />
          ) : (
            <ul className="card lined">
              {keys.map((key) => (
                <Key key={key.id} apiKey={key} onRevoke={() => setOpen({ dialog: 'revoke', key })} />
              ))}
            </ul>
          )
        }
      </Shown>
      {open?.dialog === 'new' && (
        <NewKeyDialog
          onClose={close}
          onMade={(key) => {
            setOpen({ dialog: 'secret', key });
            loaded.reload();
          }}
        />
      )}
      {open?.dialog === 'secret' && (
        <SecretDialog
          title={say('keys.secret.title')}
          text={say('keys.secret.text')}
          label={say('keys.secret.label', { name: open.key.name })}
          secret={open.key.secret}
          onClose={close}
        />
      )}
      {open?.dialog === 'revoke' && (
        <ConfirmDialog
          title={say('keys.revoke.title', { name: open.key.name })}
          act={say('keys.revoke')}
          onClose={close}
          onAct={async () => {
            await api.revokeApiKey({ path: { id: open.key.id } });
            tell(say('keys.revoke.done', { name: open.key.name }));
            close();
            loaded.reload();
          }}
        >
          <p>{say('keys.revoke.text')}</p>
          <p>{say('admin.cannotUndo')}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function Key({ apiKey, onRevoke }: { apiKey: ApiKey; onRevoke: () => void }) {
  const { name, prefix, scopes, created_at: madeAt, expires_at: expiresAt, last_used_at: usedAt } = apiKey;
  const isExpired = expiresAt !== null && Date.parse(expiresAt) <= Date.now();
  const isRevoked = apiKey.revoked_at !== null;
  return (
    <li className="row between wrap">
      <div className="stack g4 grow">
        <h2 className="item breakable">
          {name} {isRevoked && <span className="tag outline">{say('keys.revoked')}</span>}
          {!isRevoked && isExpired && <span className="tag warning">{say('keys.expired')}</span>}
          {!isRevoked && !isExpired && <span className="tag success">{say('keys.active')}</span>}
        </h2>
        <p className="small">{scopes.map((scope) => say(`scope.${scope}` as WordKey)).join(' · ')}</p>
        <p className="small sub">
          <code>{prefix}…</code> {say('keys.made', { day: sayDay(madeAt) })} ·{' '}
          {usedAt === null ? say('keys.neverUsed') : say('keys.lastUsed', { time: sayMoment(usedAt) })}
          {expiresAt !== null && ` · ${say('keys.expiresOn', { day: sayDay(expiresAt) })}`}
        </p>
      </div>
      {!isRevoked && (
        <button
          type="button"
          className="btn neutral sm"
          aria-label={`${say('keys.revoke')}: ${name}`}
          onClick={onRevoke}
        >
          {say('keys.revoke')}
        </button>
      )}
    </li>
  );
}
