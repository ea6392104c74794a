import { say } from '../say.ts';

/** What is filled in where a placeholder stands: `{org}` shown as what it becomes. */
export interface Place {
  place: string;
  word: string;
}

/** Buttons that put placeholders into a field of text, where its cursor is. */
export function InsertWords({
  fieldId,
  label,
  value,
  places,
  onChange,
}: {
  fieldId: string;
  label: string;
  value: string;
  places: readonly Place[];
  onChange: (value: string) => void;
}) {
  return (
    <p className="row g8 wrap small">
      <span className="sub" aria-hidden="true">
        {say('form.insert')}
      </span>
      {places.map(({ place, word }) => (
        <button
          key={place}
          type="button"
          className="chip"
          aria-label={`${say('form.insert')} ${word}: ${label}`}
          onClick={() => onChange(insert(fieldId, value, `{${place}}`))}
        >
          {word}
        </button>
      ))}
    </p>
  );
}

/** The text with a placeholder put in where the field's cursor is; focus goes back there. */
function insert(fieldId: string, text: string, placeholder: string): string {
  const field = document.getElementById(fieldId);
  const isField = field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement;
  const at = (isField ? field.selectionStart : null) ?? text.length;
  field?.focus();
  return text.slice(0, at) + placeholder + text.slice(at);
}
