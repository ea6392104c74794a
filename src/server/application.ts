import type { Application, ApplicationParts } from './serve.ts';

/** Puts the product together over a database that is ready. */
export async function makeApplication(_parts: ApplicationParts): Promise<Application> {
  return {
    handler: () =>
      new Response(JSON.stringify({ title: 'There is nothing here under that id', status: 404, code: 'not_found' }), {
        status: 404,
        headers: { 'content-type': 'application/problem+json' },
      }),
    close: async () => undefined,
  };
}
