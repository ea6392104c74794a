import type { Operations, Organisation } from '../../../../../src/client/index.ts';
import { say } from '../../../say.ts';
import type { Values } from '../use-changes.ts';
import { everySetting, type Setting } from './setting-list.ts';

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const stepsOf = (name: string): string[] => name.split('.');

function find(organisation: Organisation, name: string): unknown {
  return stepsOf(name).reduce<unknown>((at, step) => (isObject(at) ? at[step] : undefined), organisation);
}

/** The fields of the page, as typed. */
export function readRules(organisation: Organisation): Values {
  return Object.fromEntries(
    everySetting.map((setting) => [setting.name, typed(setting, find(organisation, setting.name))]),
  );
}

function typed({ kind }: Setting, value: unknown): string | boolean {
  if (kind === 'flag') return value === true;
  if (Array.isArray(value)) return value.join(kind === 'list' ? '\n' : ',');
  return value == null ? '' : String(value);
}

export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** A field's value as the API takes it. */
function meant(setting: Setting, value: string | boolean): unknown {
  if (typeof value === 'boolean') return value;
  const text = value.trim();
  switch (setting.kind) {
    case 'number':
      return text === '' ? null : Number(text);
    case 'list':
      return linesOf(text);
    case 'choice':
      return setting.name.endsWith('_roles') ? text.split(',') : text;
    default:
      return text === '' ? null : text;
  }
}

/** The change that the fields mean: only what was changed. */
export function writeRules(
  values: Values,
  changed: readonly string[],
): Operations['updateOrganisation']['input']['body'] {
  const body: Record<string, unknown> = {};
  for (const setting of everySetting) {
    if (!changed.includes(setting.name)) continue;
    const steps = stepsOf(setting.name);
    const last = steps.pop() ?? '';
    let at = body;
    for (const step of steps) {
      at[step] ??= {};
      at = at[step] as Record<string, unknown>;
    }
    at[last] = meant(setting, values[setting.name] ?? '');
  }
  return body;
}

/** What is wrong with a setting's value, whoever found it. */
export function sayWrong(setting: Setting): string {
  if (setting.kind === 'number') return say('wrong.number', { from: setting.least, to: setting.most });
  return say('wrong' in setting ? setting.wrong : 'wrong.text');
}

/** What is wrong before anything is sent, by field: numbers out of their limits, and what must not be empty. */
export function checkRules(values: Values, changed: readonly string[]): Record<string, string> {
  const wrong = everySetting.filter((setting) => changed.includes(setting.name) && !isGood(setting, values));
  return Object.fromEntries(wrong.map((setting) => [setting.name, sayWrong(setting)]));
}

function isGood(setting: Setting, values: Values): boolean {
  const text = String(values[setting.name] ?? '').trim();
  if (setting.kind === 'text') return setting.isOptional || text !== '';
  if (setting.kind !== 'number') return true;
  if (text === '') return setting.isOptional === true;
  return /^\d{1,6}$/.test(text) && Number(text) >= setting.least && Number(text) <= setting.most;
}

/** A setting's value in words, as it is compared before and after. */
export function sayValue(setting: Setting, value: string | boolean): string {
  if (typeof value === 'boolean') return say(value ? 'set.yes' : 'set.no');
  const text = value.trim();
  if (text === '') return say('set.empty');
  switch (setting.kind) {
    case 'number':
      return setting.unit === 'plain' ? text : say(`common.${setting.unit}`, { n: Number(text) });
    case 'choice': {
      const chosen = setting.options.find((option) => option.value === text);
      return chosen === undefined ? text : say(chosen.label);
    }
    case 'list':
      return linesOf(text).join(', ');
    default:
      return `«${text}»`;
  }
}
