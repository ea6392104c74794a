import type { Pool } from 'pg';

/** Our own secrets in the project's Vault, by their names there. */
export type VaultSecret = 'verve_secret' | 'verve_work_key' | 'verve_function_url';

/** Reads one of our secrets from the Vault. null = there is no Vault here, or nothing under that name. */
export async function readVaultSecret(pool: Pick<Pool, 'query'>, name: VaultSecret): Promise<string | null> {
  const found = await pool.query<{ exists: boolean }>(
    `select to_regprocedure('verve_supabase.secret(text)') is not null as exists`,
  );
  if (!found.rows[0]?.exists) return null;
  const { rows } = await pool.query<{ value: string | null }>('select verve_supabase.secret($1) as value', [name]);
  return rows[0]?.value ?? null;
}
