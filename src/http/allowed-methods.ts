import { operations } from './operations.ts';

const operationPatterns = operations.map(({ method, path }) => ({
  methods: [method.toUpperCase()],
  pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`),
}));

/** What is about the service itself (`service-routes.ts`). */
const servicePattern = {
  methods: ['GET'],
  pattern: /^\/(?:healthz|readyz|metrics|openapi\.json|docs|problems(?:\/[^/]+)?)\/?$/,
};

/** Short links, public pages and the dashboard, which the fallback answers. */
const pagePatterns = [
  { methods: ['GET'], pattern: /^\/$/ },
  { methods: ['GET'], pattern: /^\/(?:r|q|print|assets|\.well-known)\//i },
  { methods: ['GET', 'POST'], pattern: /^\/(?:join|referral)(?:\/|$)/i },
  { methods: ['GET'], pattern: /^\/app(?:\/|$)/ },
  { methods: ['POST'], pattern: /^\/app\/(?:sign-in(?:\/[^/]*)?|[^/]+\/sign-out)\/?$/ },
];

const known = [...operationPatterns, servicePattern, ...pagePatterns];

/** What a path takes, for the header Allow; empty = there is nothing at that path. */
export function allowedMethods(path: string): string[] {
  const found = new Set(known.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods));
  if (found.size === 0) return [];
  if (found.has('GET')) found.add('HEAD');
  return [...found, 'OPTIONS'].sort();
}
