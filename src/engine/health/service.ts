import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import { type InstallationHealth, type IntegrationHealth, readInstallation, readIntegration } from './repository.ts';

export {
  type InstallationHealth,
  type IntegrationHealth,
  readInstallation as readInstallationHealth,
} from './repository.ts';

/** How things stand, for operators and for those who look after an organisation's connections. */
export interface Health {
  /** Of the whole installation, as numbers: for `/metrics` and `verve doctor`. */
  ofInstallation(): Promise<InstallationHealth>;
  /** Of one organisation's connections. */
  ofIntegration(call: Call): Promise<IntegrationHealth>;
}

/** Wires the health. */
export function createHealth(parts: EngineParts): Health {
  return {
    ofInstallation: () => parts.database.transaction({ role: 'none' }, readInstallation),
    async ofIntegration(call) {
      requireMay(call.actor, 'integration.read');
      return inOrganisation(parts, call, readIntegration);
    },
  };
}
