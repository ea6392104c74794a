// Verve under Deno: the same handler, served by Deno itself.
//   deno run --allow-net --allow-env --allow-read --allow-sys main.ts
import { createVerve } from 'verve-referrals';
import { createHandler } from 'verve-referrals/http';
import { makePool } from 'verve-referrals/server';

const pool = makePool({ connectionString: Deno.env.get('DATABASE_URL') ?? '' });
const verve = createVerve({ database: pool, secret: Deno.env.get('VERVE_SECRET') ?? '' });
const handler = createHandler(verve, { publicUrl: Deno.env.get('VERVE_PUBLIC_URL') ?? 'http://127.0.0.1:8000' });

Deno.serve((request) => handler(request));
