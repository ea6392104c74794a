// Verve as an edge function: the API, the membership system's webhook, and the work that pg_cron asks for.
// Written by "verve supabase init" and yours from now on; everything it does is in the package.
import { createEdgeHandler } from 'verve-referrals/edge';

Deno.serve(
  createEdgeHandler({
    // The role verve_app, through the pooler in transaction mode (port 6543) or directly.
    databaseUrl: Deno.env.get('VERVE_DATABASE_URL'),
    // At least 32 characters. Left out: the secret that the migrations made in the Vault.
    secret: Deno.env.get('VERVE_SECRET'),
    // The project: whose sign-ins are accepted, and where the function is reached.
    supabaseUrl: Deno.env.get('SUPABASE_URL'),
    publicUrl: Deno.env.get('VERVE_PUBLIC_URL'),
    // Origins whose pages may call the API from a browser, with commas between; * = all.
    origins: (Deno.env.get('VERVE_CORS_ORIGINS') ?? '').split(/[\s,]+/).filter(Boolean),
  }),
);
