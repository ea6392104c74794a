import type { HTMLAttributes, ReactNode } from 'react';

interface Shared {
  id: string;
  label: string;
  /** What stands below it, always. */
  help?: string | undefined;
  /** What is wrong with it; null or left out = nothing. */
  error?: string | null | undefined;
}

/** What a control of a field carries, so that help and error are read with it. */
function described({ id, help, error }: Shared) {
  const ids = [error == null ? '' : `${id}-wrong`, help === undefined ? '' : `${id}-help`].filter(Boolean).join(' ');
  return { id, 'aria-invalid': error == null ? undefined : true, 'aria-describedby': ids === '' ? undefined : ids };
}

/** A label, its control, what is wrong and what helps. */
export function Field({ children, ...shared }: Shared & { children: ReactNode }) {
  const { id, label, help, error } = shared;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {error != null && (
        <p id={`${id}-wrong`} className="small wrong">
          {error}
        </p>
      )}
      {help !== undefined && (
        <p id={`${id}-help`} className="small sub">
          {help}
        </p>
      )}
    </div>
  );
}

interface Text extends Shared {
  value: string;
  onChange: (value: string) => void;
  maxLength?: number;
  placeholder?: string | undefined;
  inputMode?: HTMLAttributes<HTMLElement>['inputMode'];
  /** The language of what is written, where it is another than the page's. */
  lang?: string;
  /** Rows of a larger field; left out = one line. */
  rows?: number;
}

/** A field for text. */
export function TextField({ rows, value, onChange, maxLength, placeholder, inputMode, lang, ...shared }: Text) {
  const control = {
    ...described(shared),
    value,
    maxLength,
    placeholder,
    inputMode,
    lang,
    className: 'input',
    autoComplete: 'off',
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  return (
    <Field {...shared}>{rows === undefined ? <input {...control} /> : <textarea {...control} rows={rows} />}</Field>
  );
}

/** A choice of one among a few. */
export function SelectField({
  value,
  onChange,
  options,
  ...shared
}: Shared & {
  value: string;
  onChange: (value: string) => void;
  options: readonly { value: string; label: string }[];
}) {
  return (
    <Field {...shared}>
      <select {...described(shared)} className="input" value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Field>
  );
}

/** A yes or no. */
export function CheckField({
  isChecked,
  onChange,
  ...shared
}: Shared & { isChecked: boolean; onChange: (isChecked: boolean) => void }) {
  const { id, label, help, error } = shared;
  return (
    <div className="field">
      <label className="choice">
        <input
          {...described(shared)}
          type="checkbox"
          checked={isChecked}
          onChange={(event) => onChange(event.target.checked)}
        />
        <span>{label}</span>
      </label>
      {error != null && (
        <p id={`${id}-wrong`} className="small wrong">
          {error}
        </p>
      )}
      {help !== undefined && (
        <p id={`${id}-help`} className="small sub">
          {help}
        </p>
      )}
    </div>
  );
}
