import { type CSSProperties, useState } from 'react';
import type { BrandPreview } from '../../../../../src/client/index.ts';
import { CheckIcon, CloseIcon } from '../../../icons.tsx';
import { Segments } from '../../../parts/segments.tsx';
import { Skeleton } from '../../../parts/states.tsx';
import { say } from '../../../say.ts';
import type { Language } from './brand-form.ts';

const schemes = ['light', 'dark'] as const;

/** The join page and a shared message as they would be, to look at and not to use. */
export function Preview({
  preview,
  language,
  name,
  logoUrl,
}: {
  preview: BrandPreview | null;
  language: Language;
  name: string;
  logoUrl: string | null;
}) {
  const [scheme, setScheme] = useState<(typeof schemes)[number]>('light');
  return (
    <aside className="stack g12" aria-labelledby="brand-preview">
      <div className="row between wrap">
        <h2 id="brand-preview">{say('brand.preview')}</h2>
        <Segments
          label={say('brand.preview.scheme')}
          value={scheme}
          options={schemes.map((one) => ({ value: one, label: say(`brand.preview.${one}`) }))}
          onChange={setScheme}
        />
      </div>
      {preview === null ? (
        <Skeleton lines={6} />
      ) : (
        <div className={`brand-phone ${scheme}`} lang={language} inert style={propertiesOf(preview.tones[scheme])}>
          <div className="stack">
            <p className="row g8 name">
              {logoUrl === null ? <span className="tile">{name.slice(0, 1)}</span> : <img src={logoUrl} alt="" />}
              {name}
            </p>
            <p className="welcome">{preview.words['join.title']}</p>
            <p>{preview.words['join.intro']}</p>
            <div className="sees stack g8">
              <b>{preview.words['join.sees']}</b>
              <span className="row g8">
                <CheckIcon />
                {preview.words['join.sees.yes']}
              </span>
              <span className="row g8">
                <CloseIcon />
                {preview.words['join.sees.no']}
              </span>
            </div>
            <p className="press">{preview.words['join.submit']}</p>
          </div>
        </div>
      )}
      {preview !== null && (
        <figure className="brand-message stack g4" lang={language}>
          <figcaption className="small sub">{say('brand.preview.share')}</figcaption>
          <p className="small sub">{preview.words['share.subject']}</p>
          <p className="breakable">{preview.words['share.message']}</p>
        </figure>
      )}
    </aside>
  );
}

function propertiesOf(tones: Readonly<Record<string, string>>): CSSProperties {
  return Object.fromEntries(Object.entries(tones).map(([name, tone]) => [`--preview-${name}`, tone])) as CSSProperties;
}
