// Verve inside an Express application, through the adapter that turns node:http requests into Web-standard ones.
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import { makeVerve } from '../make-verve.ts';

const { pool, verve, handler } = makeVerve('http://127.0.0.1:3000');
const verveListener = getRequestListener(handler);

export const app = express();
app.get('/', (_request, response) => {
  response.send('Our own page');
});
// Before any body parser: what a signature is checked over are the bytes as they came.
app.use((request, response, next) => {
  if (/^\/(api\/v1|problems)\//.test(request.path)) return verveListener(request, response);
  return next();
});
app.use(express.json());

export { pool, verve };
