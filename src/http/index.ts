/** The HTTP face as a Web-standard handler: mount it in Hono, Next, Deno, Express (through an adapter) or anything else. */
export type { HandlerOptions } from './create-runtime.ts';
export { createHandler, type Handler } from './handler.ts';
export type { PublicPagesOptions } from './pages/pages-options.ts';
export { problemPage } from './pages/problem-page.ts';
export { createPublicPages } from './pages/public-pages.ts';
export type { TokenIssuer } from './people/verify-token.ts';
export { answerShortLink } from './redirect.ts';
export { createRateLimiter } from './requests/rate-limit.ts';
