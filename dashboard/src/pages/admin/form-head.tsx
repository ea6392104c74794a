import { WarningIcon } from '../../icons.tsx';
import { PageHead } from '../../parts/page.tsx';
import { say } from '../../say.ts';
import type { OrganisationForm } from './use-organisation-form.ts';

/** The heading of a form over the organisation, with saving and discarding, which stay in sight, and why it was refused. */
export function FormHead({ title, intro, form }: { title: string; intro: string; form: OrganisationForm }) {
  const { changed, isSaving, discard, refusal } = form;
  return (
    <>
      <PageHead title={title} intro={intro} />
      <div className={changed.length > 0 ? 'form-acts row g8 changed' : 'form-acts row g8'}>
        <span className="small sub" role="status">
          {changed.length > 0 && say('form.notSaved')}
        </span>
        <button type="button" className="btn neutral sm" disabled={changed.length === 0} onClick={discard}>
          {say('form.discard')}
        </button>
        <button type="submit" className="btn sm" disabled={changed.length === 0 || isSaving}>
          {say('common.save')}
        </button>
      </div>
      {refusal !== null && (
        <div className={refusal === 'unsent' ? 'alert danger' : 'alert warning'} role="alert">
          <WarningIcon />
          <div className="stack g8">
            <p>{say(reasonOf(refusal))}</p>
            {refusal !== 'unsent' && (
              <details className="small">
                <summary>{say('attr.details')}</summary>
                <span lang="en">{refusal.message}</span>
              </details>
            )}
          </div>
        </div>
      )}
    </>
  );
}

function reasonOf(refusal: NonNullable<OrganisationForm['refusal']>) {
  if (refusal === 'unsent') return 'state.error.text';
  return refusal.code === 'changed_meanwhile' ? 'form.changedMeanwhile' : 'form.refused';
}
