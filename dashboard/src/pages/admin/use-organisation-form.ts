import { type FormEvent, useEffect, useState } from 'react';
import type { Operations, Organisation } from '../../../../src/client/index.ts';
import { api, VerveProblem } from '../../api.ts';
import { boot } from '../../boot.ts';
import { type Loaded, useLoad } from '../../use-load.ts';
import { useChanges, type Values } from './use-changes.ts';

type Change = Operations['updateOrganisation']['input']['body'];
export const path = { id: boot.organisation.id };

/** The organisation with its settings. */
export function useOrganisation(): Loaded<Organisation> {
  return useLoad('organisation', () => api.getOrganisation({ path }));
}

export interface OrganisationForm {
  organisation: Organisation;
  setOrganisation: (organisation: Organisation) => void;
  values: Values;
  changed: readonly string[];
  set: (name: string, value: string | boolean) => void;
  /** Field by field, what is wrong. */
  errors: Readonly<Record<string, string>>;
  /** Refused as a whole; null = not refused. */
  refusal: VerveProblem | 'unsent' | null;
  isSaving: boolean;
  submit: (event: FormEvent) => void;
  save: () => Promise<boolean>;
  discard: () => void;
}

/**
 * A form over the organisation. What is sent is bound to what was read: where somebody else has saved meanwhile, theirs is
 * read and what was typed here stays on top of it, to be saved again.
 * @param check what is wrong, by field, before anything is sent
 * @param toField the field of a refusal's; null = of none here
 * @param onValid what submitting does once nothing is wrong (Default: it saves)
 */
export function useOrganisationForm({
  page,
  loaded,
  read,
  write,
  check,
  toField,
  sayWrong,
  onSaved,
  onValid,
}: {
  page: string;
  loaded: Organisation;
  read: (organisation: Organisation) => Values;
  write: (values: Values, changed: readonly string[], organisation: Organisation) => Change;
  check: (values: Values, changed: readonly string[]) => Record<string, string>;
  toField: (name: string) => string | null;
  sayWrong: (field: string) => string;
  onSaved: () => void;
  onValid?: () => void;
}): OrganisationForm {
  const [organisation, setOrganisation] = useState(loaded);
  useEffect(() => setOrganisation(loaded), [loaded]);
  const { values, changed, set, discard } = useChanges(page, read(organisation));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [refusal, setRefusal] = useState<VerveProblem | 'unsent' | null>(null);
  const [isSaving, setSaving] = useState(false);

  function show(found: Record<string, string>): boolean {
    setErrors(found);
    const isWrong = Object.keys(found).length > 0;
    if (isWrong) setTimeout(() => document.querySelector<HTMLElement>('main [aria-invalid=true]')?.focus());
    return isWrong;
  }

  async function save(): Promise<boolean> {
    setSaving(true);
    setRefusal(null);
    try {
      const body = { ...write(values, changed, organisation), expected_updated_at: organisation.updated_at };
      setOrganisation(await api.updateOrganisation({ path, body }));
      discard();
      onSaved();
      return true;
    } catch (error) {
      if (!(error instanceof VerveProblem)) {
        setRefusal('unsent');
        return false;
      }
      if (error.code === 'changed_meanwhile') setOrganisation(await api.getOrganisation({ path }));
      const fields = error.fields.flatMap(({ field }) => toField(field) ?? []);
      show(Object.fromEntries(fields.map((field) => [field, sayWrong(field)])));
      setRefusal(error);
      return false;
    } finally {
      setSaving(false);
    }
  }

  return {
    organisation,
    setOrganisation,
    values,
    changed,
    set(name, value) {
      set(name, value);
      setErrors(({ [name]: _, ...others }) => others);
    },
    errors,
    refusal,
    isSaving,
    submit(event) {
      event.preventDefault();
      if (show(check(values, changed))) return;
      if (onValid === undefined) save();
      else onValid();
    },
    save,
    discard() {
      discard();
      setErrors({});
      setRefusal(null);
    },
  };
}
