import { type FormEvent, useState } from 'react';
import type { NewWebhookEndpoint, WebhookEndpoint } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { say } from '../../say.ts';

const refusals = { unprocessable: 'endpoints.url.refused', invalid_request: 'endpoints.url.refused' } as const;

/** A new receiver (`endpoint` null), or what an old one is called and gets. */
export function EndpointDialog({
  endpoint,
  onClose,
  onSaved,
}: {
  endpoint: WebhookEndpoint | null;
  onClose: () => void;
  onSaved: (saved: WebhookEndpoint | NewWebhookEndpoint) => void;
}) {
  const [url, setUrl] = useState(endpoint?.url ?? '');
  const [description, setDescription] = useState(endpoint?.description ?? '');
  const [types, setTypes] = useState(endpoint?.event_types?.join(', ') ?? '');
  const [error, setError] = useState<unknown>(null);
  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const named = types.split(/[\s,]+/).filter((type) => type !== '');
    const body = { url, description, event_types: named.length === 0 ? null : named };
    try {
      onSaved(
        endpoint === null
          ? await api.createWebhookEndpoint({ body })
          : await api.updateWebhookEndpoint({ path: { id: endpoint.id }, body }),
      );
    } catch (refusal) {
      setError(refusal);
    }
  }
  return (
    <Dialog title={say(endpoint === null ? 'endpoints.make' : 'endpoints.change')} onClose={onClose}>
      <form className="stack" onSubmit={save}>
        <Refusal error={error} words={refusals} />
        <div className="field">
          <label htmlFor="endpoint-url">{say('endpoints.url')}</label>
          <input
            id="endpoint-url"
            className="input"
            type="url"
            required
            maxLength={2048}
            placeholder="https://"
            autoComplete="off"
            value={url}
            onChange={(event) => setUrl(event.target.value)}
          />
        </div>
        <div className="field">
          <label htmlFor="endpoint-name">{say('endpoints.description')}</label>
          <input
            id="endpoint-name"
            className="input"
            maxLength={200}
            autoComplete="off"
            value={description}
            onChange={(event) => setDescription(event.target.value)}
          />
        </div>
        <div className="field">
          <label htmlFor="endpoint-types">{say('endpoints.types')}</label>
          <input
            id="endpoint-types"
            className="input"
            autoComplete="off"
            aria-describedby="endpoint-types-text"
            value={types}
            onChange={(event) => setTypes(event.target.value)}
          />
          <p id="endpoint-types-text" className="small sub">
            {say('endpoints.types.example', { example: 'milestone.*, badge.awarded' })}
          </p>
        </div>
        <button type="submit" className="btn block">
          {say(endpoint === null ? 'endpoints.make' : 'common.save')}
        </button>
      </form>
    </Dialog>
  );
}
