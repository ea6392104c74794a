import type { Organisation } from '../../../../../src/client/index.ts';
import { boot } from '../../../boot.ts';
import { TextField } from '../../../parts/field.tsx';
import { tell } from '../../../parts/message.tsx';
import { Shown } from '../../../parts/states.tsx';
import { changeQuery, usePlace } from '../../../router.tsx';
import { say } from '../../../say.ts';
import { FormHead } from '../form-head.tsx';
import { useOrganisation, useOrganisationForm } from '../use-organisation-form.ts';
import { checkBrand, isColour, languageOf, languages, readBrand, writeBrand } from './brand-form.ts';
import { LogoField } from './logo-field.tsx';
import { Preview } from './preview.tsx';
import { ReadabilityList } from './readability.tsx';
import { usePreview } from './use-preview.ts';
import { SentencesCard, TermsCard } from './words-card.tsx';

/** How the organisation looks and speaks, with a preview that the server makes. */
export function BrandPage() {
  const loaded = useOrganisation();
  return (
    <Shown loaded={loaded} lines={8}>
      {(organisation) => <BrandForm loaded={organisation} />}
    </Shown>
  );
}

function BrandForm({ loaded }: { loaded: Organisation }) {
  const { query } = usePlace();
  const language = languages.find((one) => one === query.get('lang')) ?? 'nb';
  const form = useOrganisationForm({
    page: 'brand',
    loaded,
    read: readBrand,
    write: writeBrand,
    check(values) {
      const found = checkBrand(values);
      const named = Object.keys(found).map(languageOf);
      const there = named.find((one) => one !== null);
      if (there != null && !named.includes(language)) changeQuery({ lang: there === 'nb' ? null : there });
      return found;
    },
    toField: (field) => (field === 'brand.colour' ? 'colour' : field === 'name' ? 'name' : null),
    sayWrong: (field) => say(field === 'colour' ? 'brand.color.error' : 'brand.name.error'),
    onSaved: () => tell(say('brand.saved')),
  });
  const { values, errors, set, organisation } = form;
  const preview = usePreview(values, language);
  const colour = String(values.colour);
  return (
    <form className="form-page" onSubmit={form.submit} noValidate>
      <FormHead title={say('brand.title')} intro={say('brand.intro')} form={form} />
      <div className="cols two">
        <div className="stack g24">
          <section className="card stack g20" aria-labelledby="brand-look">
            <h2 id="brand-look">{say('brand.colorAndLogo')}</h2>
            <TextField
              id="brand-name"
              label={say('brand.name')}
              maxLength={200}
              value={String(values.name)}
              error={errors.name}
              onChange={(value) => set('name', value)}
            />
            <div className="form-grid">
              <div className="field">
                <label htmlFor="brand-colour">{say('brand.color')}</label>
                <div className="row">
                  <input
                    type="color"
                    className="brand-pick"
                    aria-label={say('brand.color.pick')}
                    value={isColour(colour) ? colour.toLowerCase() : (preview?.tones.light.base ?? '#000000')}
                    onChange={(event) => set('colour', event.target.value.toUpperCase())}
                  />
                  <input
                    id="brand-colour"
                    className="input num"
                    autoComplete="off"
                    spellCheck={false}
                    maxLength={7}
                    placeholder="#"
                    value={colour}
                    aria-invalid={errors.colour === undefined ? undefined : true}
                    aria-describedby="brand-colour-help brand-readable"
                    onChange={(event) => set('colour', event.target.value)}
                  />
                </div>
                <p id="brand-colour-help" className="small">
                  {errors.colour !== undefined && <span className="wrong">{errors.colour}. </span>}
                  <span className="sub">{say('brand.color.help')}</span>
                </p>
              </div>
              <LogoField logoUrl={organisation.logo_url} onSaved={form.setOrganisation} />
            </div>
            <div id="brand-readable" className="stack g12" role="status">
              <h3>{say('brand.readability')}</h3>
              {preview !== null && <ReadabilityList readability={preview.readability} />}
            </div>
          </section>
          <TermsCard form={form} language={language} preview={preview} />
          <SentencesCard form={form} language={language} preview={preview} />
        </div>
        <Preview
          preview={preview}
          language={language}
          name={String(values.name) || boot.organisation.name}
          logoUrl={organisation.logo_url}
        />
      </div>
    </form>
  );
}
