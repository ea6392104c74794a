import { boot, type Language } from '../boot.ts';
import { say } from '../say.ts';
import { Field, SelectField } from './field.tsx';

const names: Readonly<Record<Language, string>> = { nb: 'Bokmål', nn: 'Nynorsk', en: 'English' };
const languages = ['nb', 'nn', 'en'] as const;
const themes = ['system', 'light', 'dark'] as const;

/** Kept in a cookie, so that the page comes in that language and colour at once. It holds one word and tells nothing. */
function choose(name: 'verve-language' | 'verve-theme', value: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet
  document.cookie = `${name}=${value}; path=/app; max-age=31536000; samesite=lax`;
  location.reload();
}

/** Language and light or dark, for this browser. */
export function Preferences() {
  return (
    <div className="stack">
      <Field id="language" label={say('common.language')}>
        <select
          id="language"
          className="input"
          value={boot.language}
          onChange={(event) => choose('verve-language', event.target.value)}
        >
          {languages.map((language) => (
            <option key={language} value={language} lang={language}>
              {names[language]}
            </option>
          ))}
        </select>
      </Field>
      <SelectField
        id="theme"
        label={say('more.theme')}
        options={themes}
        sayOption={(theme) => say(`more.theme.${theme}`)}
        value={boot.theme}
        onChange={(theme) => choose('verve-theme', theme)}
      />
    </div>
  );
}

/** Signing out is a form of its own: it works whatever the script is doing. */
export function SignOut() {
  // The server has the browser clear what it kept; this does it where the browser does not obey.
  const forget = (): void => void import('../pages/me/keep-offline.ts').then(({ forgetOffline }) => forgetOffline());
  const action = `/app/${boot.organisation.slug}/sign-out`;
  return (
    <div className="row g8 wrap">
      <form method="post" action={action} onSubmit={forget}>
        <button type="submit" className="btn neutral">
          {say('more.signOut')}
        </button>
      </form>
      <form method="post" action={`${action}?everywhere=true`} onSubmit={forget}>
        <button type="submit" className="btn ter">
          {say('more.signOutAll')}
        </button>
      </form>
    </div>
  );
}
