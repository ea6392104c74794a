import { useState } from 'react';
import type { Organisation } from '../../../../../src/client/index.ts';
import { Dialog } from '../../../parts/dialog.tsx';
import { tell } from '../../../parts/message.tsx';
import { Shown } from '../../../parts/states.tsx';
import { say } from '../../../say.ts';
import { FormHead } from '../form-head.tsx';
import type { Values } from '../use-changes.ts';
import { type OrganisationForm, useOrganisation, useOrganisationForm } from '../use-organisation-form.ts';
import { checkRules, readRules, sayValue, sayWrong, writeRules } from './rules-form.ts';
import { SettingField } from './setting-field.tsx';
import { everySetting, type Setting, settingSections } from './setting-list.ts';

/** Rules and settings; what a change leads to is said before it is saved. */
export function RulesPage() {
  const loaded = useOrganisation();
  return (
    <Shown loaded={loaded} lines={8}>
      {(organisation) => <RulesForm loaded={organisation} />}
    </Shown>
  );
}

function RulesForm({ loaded }: { loaded: Organisation }) {
  const [isAsking, setAsking] = useState(false);
  const form = useOrganisationForm({
    page: 'rules',
    loaded,
    read: readRules,
    write: writeRules,
    check: checkRules,
    toField: (field) => settingOf(field)?.name ?? null,
    sayWrong: (name) => {
      const setting = settingOf(name);
      return setting === null ? '' : sayWrong(setting);
    },
    onSaved: () => tell(say('form.saved')),
    onValid: () => setAsking(true),
  });
  return (
    <>
      <form className="form-page" onSubmit={form.submit} noValidate>
        <FormHead title={say('nav.admin.rules')} intro={say('rules.intro')} form={form} />
        <div className="stack g24">
          {settingSections.map(({ key, intro, settings }) => (
            <section key={key} className="card stack g20" aria-labelledby={key}>
              <div className="stack g4">
                <h2 id={key}>{say(key)}</h2>
                <p className="sub">{say(intro)}</p>
              </div>
              <div className="form-grid wide">
                {settings.map((setting) => (
                  <SettingField key={setting.name} setting={setting} form={form} />
                ))}
              </div>
            </section>
          ))}
        </div>
      </form>
      {isAsking && <SaveDialog form={form} onClose={() => setAsking(false)} />}
    </>
  );
}

/** The setting that a refusal's field names, or what stands around it: `link_domains[1]` is a matter of the domains. */
function settingOf(field: string): Setting | null {
  return (
    everySetting.find(
      ({ name }) => field === name || (/^[.[]/.test(field.slice(name.length)) && field.startsWith(name)),
    ) ?? null
  );
}

/** What was changed, from what to what, and what each change leads to. */
function SaveDialog({ form, onClose }: { form: OrganisationForm; onClose: () => void }) {
  const before = readRules(form.organisation);
  const changes = everySetting.filter(({ name }) => form.changed.includes(name));
  return (
    <Dialog title={say('rules.ask', { n: changes.length })} onClose={onClose}>
      <div className="stack">
        <ul className="stack">
          {changes.map((setting) => (
            <li key={setting.name} className="stack g4">
              <b>{say(setting.label)}</b>
              <span className="breakable">
                {say('rules.fromTo', {
                  from: sayValue(setting, before[setting.name] ?? ''),
                  to: sayValue(setting, form.values[setting.name] ?? ''),
                })}
              </span>
              <span className="small sub">{say(effectOf(setting, before, form.values))}</span>
            </li>
          ))}
        </ul>
        <div className="row g8 wrap">
          <button type="button" className="btn" disabled={form.isSaving} onClick={() => form.save().finally(onClose)}>
            {say('common.save')}
          </button>
          <button type="button" className="btn neutral" onClick={onClose}>
            {say('common.cancel')}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

/** Keeping for longer deletes nothing; keeping for shorter does. */
function effectOf({ effect, name }: Setting, before: Values, after: Values) {
  const isLonger = effect === 'effect.retention' && Number(after[name]) > Number(before[name]);
  return isLonger ? 'effect.retentionLonger' : effect;
}
