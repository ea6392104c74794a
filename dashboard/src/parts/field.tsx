import type { InputHTMLAttributes, ReactNode } from 'react';

interface Named {
  id: string;
  label: string;
  /** What helps to fill it in, always there. */
  help?: ReactNode;
  /** What is wrong with it; null or left out = nothing. */
  error?: string | null | undefined;
}

/** What a control carries, so that what is wrong and what helps are read with it. */
function described({ id, help, error }: Named) {
  const ids = [error == null ? '' : `${id}-wrong`, help === undefined ? '' : `${id}-help`].filter(Boolean).join(' ');
  return { id, 'aria-invalid': error == null ? undefined : true, 'aria-describedby': ids === '' ? undefined : ids };
}

/** What is wrong with a field, and what helps. */
function Notes({ id, help, error }: Named) {
  return (
    <>
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
    </>
  );
}

/** A control under its name. The control has the id. */
export function Field({ children, ...named }: Named & { children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={named.id}>{named.label}</label>
      {children}
      <Notes {...named} />
    </div>
  );
}

type TextGiven = Named & {
  value: string;
  onChange: (value: string) => void;
  /** Rows of a larger field. (Default: one line) */
  rows?: number;
} & Omit<InputHTMLAttributes<HTMLElement>, 'id' | 'value' | 'onChange'>;

/** A text, a day, an address. The browser offers nothing that was written here before, for it may be about others. */
export function TextField({ id, label, help, error, value, onChange, rows, className = 'input', ...rest }: TextGiven) {
  const named = { id, label, help, error };
  const control = {
    autoComplete: 'off',
    ...described(named),
    ...rest,
    className,
    value,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  return (
    <Field {...named}>{rows === undefined ? <input {...control} /> : <textarea {...control} rows={rows} />}</Field>
  );
}

/** One of several, each said in words. */
export function SelectField<Value extends string>({
  options,
  sayOption,
  value,
  onChange,
  className = 'input',
  ...named
}: Named & {
  options: readonly Value[];
  sayOption: (option: Value) => string;
  value: Value;
  onChange: (value: Value) => void;
  className?: string;
}) {
  return (
    <Field {...named}>
      <select
        {...described(named)}
        className={className}
        value={value}
        onChange={(event) => onChange(options[event.target.selectedIndex] ?? value)}
      >
        {options.map((option) => (
          <option key={option} value={option}>
            {sayOption(option)}
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
  ...named
}: Named & { isChecked: boolean; onChange: (isChecked: boolean) => void }) {
  return (
    <div className="field">
      <label className="choice">
        <input
          {...described(named)}
          type="checkbox"
          checked={isChecked}
          onChange={(event) => onChange(event.target.checked)}
        />
        <span>{named.label}</span>
      </label>
      <Notes {...named} />
    </div>
  );
}
