import { readInput } from '../../engine/input.ts';
import { openSecrets } from '../../engine/organisations/secrets.ts';
import { inOrganisation } from '../../engine/parts.ts';
import type { Verve } from '../../engine/verve.ts';
import { createDataverseClient, type DataverseClient, type DataverseClientOptions } from './client.ts';
import { type DataverseConfiguration, dataverseConfigurationSchema } from './configuration.ts';

/** An organisation's Dataverse, as it is configured now. */
export interface DataverseConnection {
  configuration: DataverseConfiguration;
  /** null = tenant, application or client secret are not given: nothing can be read. */
  client: DataverseClient | null;
}

export interface DataverseConnections {
  /** null = the organisation has no Dataverse. Throws `invalid_request` where its addresses are not to be trusted. */
  get(orgId: string): Promise<DataverseConnection | null>;
}

export interface DataverseConnectionsOptions extends Pick<DataverseClientOptions, 'fetch' | 'now' | 'sleep'> {
  /** Hosts beside Microsoft's that may be read. (Default: none) */
  trustedHosts?: readonly string[];
}

/**
 * Opens organisations' Dataverse by their settings and client secret. A client, and with it its token, is kept as long
 * as both stay the same.
 */
export function createDataverseConnections(
  verve: Pick<Verve, 'organisations' | 'parts'>,
  options: DataverseConnectionsOptions = {},
): DataverseConnections {
  const { trustedHosts = [], ...clientOptions } = options;
  const schema = dataverseConfigurationSchema(trustedHosts);
  const kept = new Map<string, { fingerprint: string; connection: DataverseConnection }>();
  return {
    async get(orgId) {
      const organisation = await verve.organisations.recent(orgId);
      if (!organisation?.settings.dataverse) return null;
      const configuration = readInput(schema, organisation.settings.dataverse);
      const secrets = await inOrganisation(verve.parts, { orgId }, (session) =>
        openSecrets(verve.parts, session, 'dataverse_client'),
      );
      const clientSecret = secrets[0] ?? null;
      const fingerprint = JSON.stringify([configuration, clientSecret]);
      const known = kept.get(orgId);
      if (known?.fingerprint === fingerprint) return known.connection;
      const canRead = clientSecret !== null && configuration.tenantId !== null && configuration.clientId !== null;
      const client = canRead ? createDataverseClient({ configuration, clientSecret, ...clientOptions }) : null;
      const connection = { configuration, client };
      kept.set(orgId, { fingerprint, connection });
      return connection;
    },
  };
}
