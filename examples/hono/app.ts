// Verve inside a Hono application: one line mounts it, the rest of the application stays yours.
import { Hono } from 'hono';
import { makeVerve } from '../make-verve.ts';

const { pool, verve, handler } = makeVerve('http://127.0.0.1:3000');

export const app = new Hono()
  .get('/', (context) => context.text('Our own page'))
  .all('/api/v1/*', (context) => handler(context.req.raw))
  .all('/problems/*', (context) => handler(context.req.raw));

export { pool, verve };
