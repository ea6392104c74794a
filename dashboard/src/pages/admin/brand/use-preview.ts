import { useEffect, useState } from 'react';
import type { BrandPreview } from '../../../../../src/client/index.ts';
import { api } from '../../../api.ts';
import type { Values } from '../use-changes.ts';
import { path } from '../use-organisation-form.ts';
import { isColour, type Language, sentencesOf, termsOf, textOf } from './brand-form.ts';

/** Milliseconds of rest before what is typed is tried. */
const restMs = 500;

/**
 * How the server says that these fields would look and read in a language, tried after a rest. While something cannot be
 * tried, such as half a colour, the last answer stays. null = none yet.
 */
export function usePreview(values: Values, language: Language): BrandPreview | null {
  const [preview, setPreview] = useState<BrandPreview | null>(null);
  const colour = textOf(values, 'colour');
  const terms = termsOf(values, language);
  const body = {
    language,
    colour: colour === '' ? null : colour,
    ...(terms === null ? {} : { terms }),
    sentences: sentencesOf(values, language),
  };
  const wish = colour === '' || isColour(colour) ? JSON.stringify(body) : null;
  const isFirst = preview === null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is asked for is told by `wish`
  useEffect(() => {
    if (wish === null) return;
    let isCurrent = true;
    const timer = setTimeout(
      () =>
        api.previewBrand({ path, body }).then(
          (answer) => isCurrent && setPreview(answer),
          () => undefined, // the last answer stays
        ),
      isFirst ? 0 : restMs,
    );
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [wish]);
  return preview;
}
