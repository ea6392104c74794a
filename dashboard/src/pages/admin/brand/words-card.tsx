import type { BrandPreview } from '../../../../../src/client/index.ts';
import { TextField } from '../../../parts/field.tsx';
import { InsertWords } from '../../../parts/insert-words.tsx';
import { Segments } from '../../../parts/segments.tsx';
import { changeQuery } from '../../../router.tsx';
import { say } from '../../../say.ts';
import type { OrganisationForm } from '../use-organisation-form.ts';
import { forms, type Language, languages, sentences, textOf } from './brand-form.ts';

const names = { nb: 'Bokmål', nn: 'Nynorsk', en: 'English' } as const;
const formKeys = {
  singular: 'brand.form.sgIndef',
  singular_definite: 'brand.form.sgDef',
  plural: 'brand.form.plIndef',
  plural_definite: 'brand.form.plDef',
} as const;
/** What each sentence may have filled in. */
const fillable = {
  'join.intro': ['mentorTerm', 'mentorTermDef', 'org'],
  'join.sees.no': ['mentorTermDef', 'org'],
  'share.message': ['mentorTerm', 'org', 'url'],
  'share.subject': ['org'],
} as const;

interface Part {
  form: OrganisationForm;
  language: Language;
  preview: BrandPreview | null;
}

/** The organisation's word for the one who recruits: four forms in three languages. */
export function TermsCard({ form, language, preview }: Part) {
  return (
    <section className="card stack" aria-labelledby="brand-words">
      <div className="row between wrap">
        <h2 id="brand-words">{say('brand.words')}</h2>
        <Segments
          label={say('brand.languages')}
          value={language}
          options={languages.map((one) => ({ value: one, label: names[one], lang: one }))}
          onChange={(one) => changeQuery({ lang: one === 'nb' ? null : one })}
        />
      </div>
      <div className="form-grid">
        {forms.map((one) => {
          const name = `terms.${language}.${one}`;
          return (
            <TextField
              key={name}
              id={`brand-${one}`}
              label={say(formKeys[one])}
              lang={language}
              maxLength={60}
              placeholder={preview?.built_in.terms[one]}
              value={String(form.values[name])}
              error={form.errors[name]}
              onChange={(value) => form.set(name, value)}
            />
          );
        })}
      </div>
    </section>
  );
}

/** Sentences of the organisation's own, in place of ours. */
export function SentencesCard({ form, language, preview }: Part) {
  function wordOf(place: 'mentorTerm' | 'mentorTermDef' | 'org' | 'url'): string {
    if (place === 'org' || place === 'url') return say(`brand.insert.${place}`);
    const one = place === 'mentorTerm' ? 'singular' : 'singular_definite';
    return textOf(form.values, `terms.${language}.${one}`) || (preview?.built_in.terms[one] ?? '');
  }
  return (
    <section className="card stack" aria-labelledby="brand-own">
      <div className="stack g4">
        <h2 id="brand-own">
          {say('brand.own')} <span className="sub small">{names[language]}</span>
        </h2>
        <p className="small sub">{say('brand.own.help')}</p>
      </div>
      {sentences.map((key) => {
        const name = `sentences.${language}.${key}`;
        const id = `brand-${key.replaceAll('.', '-')}`;
        return (
          <div key={name} className="stack g8">
            <TextField
              id={id}
              rows={2}
              label={say(`brand.own.${key}`)}
              lang={language}
              maxLength={400}
              placeholder={preview?.built_in.sentences[key]}
              value={String(form.values[name])}
              error={form.errors[name]}
              onChange={(value) => form.set(name, value)}
            />
            <InsertWords
              fieldId={id}
              label={say(`brand.own.${key}`)}
              value={String(form.values[name])}
              places={fillable[key].map((place) => ({ place, word: wordOf(place) }))}
              onChange={(value) => form.set(name, value)}
            />
          </div>
        );
      })}
    </section>
  );
}
