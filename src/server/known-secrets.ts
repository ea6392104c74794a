import { createKeyRing } from '../engine/secrets/key-ring.ts';
import type { CatalogReader } from './catalog-repository.ts';
import { listSecretsInUse } from './secrets-repository.ts';

/**
 * Which secrets are lacking, each with what to do. Empty = all that the database needs are there. Without a former secret
 * codes cannot be made, deliveries not be signed, and, worst, people who were erased are not recognised and come back.
 */
export async function findSecretProblems(reader: CatalogReader, secrets: readonly string[]): Promise<string[]> {
  const known = secrets.length === 0 ? [] : await createKeyRing(secrets).keyIds();
  const missing = (await listSecretsInUse(reader)).filter((id) => !known.includes(id));
  return missing.map(
    (id) =>
      `The database uses the secret ${id} (an id that tells nothing of it), which is not among those given. ` +
      'Put the former secret behind the new one: VERVE_SECRET=new,former. The embedded PostgreSQL has it in data/secret.',
  );
}

/** @throws {Error} saying what to do when a secret that the database needs is not among these. */
export async function requireKnownSecrets(reader: CatalogReader, secrets: readonly string[]): Promise<void> {
  const problems = await findSecretProblems(reader, secrets);
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
