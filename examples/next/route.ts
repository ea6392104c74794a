// Verve in a Next application: save as app/api/v1/[...path]/route.ts, and keep the file beside it in your own place.
import { makeVerve } from '../make-verve.ts';

const { handler } = makeVerve('http://127.0.0.1:3000');

/** Every request is answered anew. */
export const dynamic = 'force-dynamic';
/** The driver needs Node's sockets, not the edge runtime. */
export const runtime = 'nodejs';

export const GET = handler;
export const POST = handler;
export const PUT = handler;
export const PATCH = handler;
export const DELETE = handler;
