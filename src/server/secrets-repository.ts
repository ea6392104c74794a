import type { CatalogReader } from './catalog-repository.ts';

/** The ids of the secrets without which something stored can no longer be opened or recognised. */
export async function listSecretsInUse(reader: CatalogReader): Promise<string[]> {
  const { rows } = await reader.query<{ id: string }>('select id from verve_private.secrets_in_use() as id order by 1');
  return rows.map((row) => row.id);
}
