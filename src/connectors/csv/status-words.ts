import type { FactKind } from '../../engine/attributions/fact.ts';

/** Words for each status, in English, bokmål and nynorsk. What only one system says belongs in the import's status map. */
const WORDS: Record<FactKind, string> = {
  registered: 'registered registrert innmeldt påmeldt',
  confirmed: 'confirmed paid bekreftet stadfesta bekrefta betalt',
  rejected: 'rejected declined avvist avslått',
  reversed: 'reversed invalidated cancelled reversert omgjort annullert ugyldig ugyldiggjort',
};

const KINDS = new Map(
  Object.entries(WORDS).flatMap(([kind, words]) => words.split(' ').map((word) => [word, kind as FactKind] as const)),
);

/** The status a word stands for: first by the import's own map (keys in lower case), then by the known words; else null. */
export function readStatus(text: string, statusMap: ReadonlyMap<string, FactKind>): FactKind | null {
  const word = text.trim().toLowerCase().normalize('NFC');
  return statusMap.get(word) ?? KINDS.get(word) ?? null;
}
