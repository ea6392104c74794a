import { buildDocument } from '../src/http/openapi.ts';

/** The document as the generated file docs/openapi.json holds it. */
export function openapiFile(): string {
  return `${JSON.stringify(buildDocument('https://verve.example'), null, 2)}\n`;
}
