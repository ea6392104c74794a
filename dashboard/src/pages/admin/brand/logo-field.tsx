import { useRef, useState } from 'react';
import type { Organisation } from '../../../../../src/client/index.ts';
import { api, problemCode } from '../../../api.ts';
import { tell } from '../../../parts/message.tsx';
import { say, type WordKey } from '../../../say.ts';
import { path } from '../use-organisation-form.ts';

const wrong: Readonly<Record<string, WordKey>> = {
  body_too_large: 'brand.logo.tooLarge',
  unprocessable: 'brand.logo.wrongType',
  unsupported_media_type: 'brand.logo.wrongType',
};

/** The logo, another one, or none. It is saved at once. */
export function LogoField({
  logoUrl,
  onSaved,
}: {
  logoUrl: string | null;
  onSaved: (organisation: Organisation) => void;
}) {
  const [error, setError] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  async function act(work: () => Promise<Organisation>, done: WordKey): Promise<void> {
    setError(null);
    try {
      onSaved(await work());
      tell(say(done));
    } catch (refusal) {
      setError(say(wrong[problemCode(refusal) ?? ''] ?? 'state.error.text'));
    }
  }
  function choose(files: FileList | null): void {
    const file = files?.[0];
    if (file !== undefined) act(() => api.setOrganisationLogo({ path, body: file }), 'brand.logo.saved');
    if (input.current !== null) input.current.value = ''; // the same file can be chosen again
  }
  return (
    <div className="field">
      <span className="legend" id="brand-logo">
        {say('brand.logo')}
      </span>
      <div className="row brand-logo">
        {logoUrl !== null && <img src={logoUrl} alt="" width="44" height="44" />}
        <div className="row g8 wrap">
          <button type="button" className="btn neutral sm" onClick={() => input.current?.click()}>
            {say(logoUrl === null ? 'brand.logo.choose' : 'brand.logo.change')}
          </button>
          {logoUrl !== null && (
            <button
              type="button"
              className="btn ter sm"
              onClick={() => act(() => api.removeOrganisationLogo({ path }), 'brand.logo.removed')}
            >
              {say('brand.logo.remove')}
            </button>
          )}
        </div>
      </div>
      <input
        ref={input}
        type="file"
        hidden
        id="brand-logo-file"
        aria-labelledby="brand-logo"
        accept="image/png,image/svg+xml,image/webp,image/jpeg"
        onChange={(event) => choose(event.target.files)}
      />
      {error !== null && (
        <p className="small wrong" role="alert">
          {error}
        </p>
      )}
      <p className="small sub">{`${logoUrl === null ? `${say('brand.logo.none')} ` : ''}${say('brand.logo.help')}`}</p>
    </div>
  );
}
