import { type FormEvent, useState } from 'react';
import type { NewWebhookEndpoint, WebhookEndpoint } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
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
        <TextField
          id="endpoint-url"
          label={say('endpoints.url')}
          type="url"
          required
          maxLength={2048}
          placeholder="https://"
          value={url}
          onChange={setUrl}
        />
        <TextField
          id="endpoint-name"
          label={say('endpoints.description')}
          maxLength={200}
          value={description}
          onChange={setDescription}
        />
        <TextField
          id="endpoint-types"
          label={say('endpoints.types')}
          help={say('endpoints.types.example', { example: 'milestone.*, badge.awarded' })}
          value={types}
          onChange={setTypes}
        />
        <button type="submit" className="btn block">
          {say(endpoint === null ? 'endpoints.make' : 'common.save')}
        </button>
      </form>
    </Dialog>
  );
}
