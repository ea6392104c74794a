import type { InputHTMLAttributes, ReactNode } from 'react';

interface Named {
  id: string;
  label: string;
  /** What helps to fill it in; read with the control, which `TextField` and `SelectField` see to. */
  help?: ReactNode;
}

const helpIdOf = ({ id, help }: Named): string | undefined => (help === undefined ? undefined : `${id}-help`);

/** A control under its name. The control has the id. */
export function Field({ children, ...named }: Named & { children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={named.id}>{named.label}</label>
      {children}
      {named.help !== undefined && (
        <p id={helpIdOf(named)} className="small sub">
          {named.help}
        </p>
      )}
    </div>
  );
}

type TextGiven = Named & { value: string; onChange: (value: string) => void } & Omit<
    InputHTMLAttributes<HTMLInputElement>,
    'id' | 'value' | 'onChange'
  >;

/** One line: a text, a day, an address. */
export function TextField({ id, label, help, value, onChange, className = 'input', ...rest }: TextGiven) {
  return (
    <Field id={id} label={label} help={help}>
      <input
        aria-describedby={helpIdOf({ id, label, help })}
        {...rest}
        id={id}
        className={className}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
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
        id={named.id}
        className={className}
        aria-describedby={helpIdOf(named)}
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
