import { Heading } from '../parts/page.tsx';
import { Preferences, SignOut } from '../parts/preferences.tsx';
import { say } from '../say.ts';

/** Language, light or dark, signing out: of this browser, not of the organisation. */
export function SettingsPage() {
  return (
    <div className="stack g24 narrow">
      <Heading title={say('more.settings')} />
      <section className="card">
        <Preferences />
      </section>
      <SignOut />
    </div>
  );
}
