import { CheckField, SelectField, TextField } from '../../../parts/field.tsx';
import { InsertWords } from '../../../parts/insert-words.tsx';
import { say } from '../../../say.ts';
import type { OrganisationForm } from '../use-organisation-form.ts';
import type { Setting } from './setting-list.ts';

/** One setting, by its kind. */
export function SettingField({ setting, form }: { setting: Setting; form: OrganisationForm }) {
  const { name } = setting;
  const value = form.values[name] ?? '';
  const shared = {
    id: idOf(name),
    label: say(setting.label),
    help: setting.help === undefined ? undefined : say(setting.help),
    error: form.errors[name],
  };
  const onChange = (next: string | boolean): void => form.set(name, next);
  switch (setting.kind) {
    case 'flag':
      return <CheckField {...shared} isChecked={value === true} onChange={onChange} />;
    case 'choice': {
      const labels = new Map(setting.options.map((option) => [option.value, say(option.label)]));
      const chosen = String(value);
      // What was chosen elsewhere and has no words here stays choosable.
      if (!labels.has(chosen)) labels.set(chosen, chosen);
      return (
        <SelectField
          {...shared}
          value={chosen}
          options={[...labels.keys()]}
          sayOption={(one) => labels.get(one) ?? one}
          onChange={onChange}
        />
      );
    }
    case 'number':
      return <TextField {...shared} value={String(value)} inputMode="numeric" maxLength={6} onChange={onChange} />;
    case 'list':
      return <TextField {...shared} value={String(value)} rows={2} onChange={onChange} />;
    case 'text':
      return (
        <div className="stack g8">
          <TextField
            {...shared}
            value={String(value)}
            maxLength={2_000}
            {...(setting.rows === undefined ? {} : { rows: setting.rows })}
            {...(setting.lang === undefined ? {} : { lang: setting.lang })}
            onChange={onChange}
          />
          {setting.places && (
            <InsertWords
              fieldId={shared.id}
              label={shared.label}
              value={String(value)}
              places={[
                { place: 'code', word: say('set.joinUrl.code') },
                { place: 'registration_ref', word: say('set.joinUrl.ref') },
              ]}
              onChange={onChange}
            />
          )}
        </div>
      );
  }
}

export const idOf = (name: string): string => name.replaceAll('.', '-');
