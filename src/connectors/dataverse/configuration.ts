import type { z } from 'zod';
import { type DataverseSettings, dataverseSettings } from '../../engine/organisations/dataverse-settings.ts';

/** How an organisation's Dataverse is read: its settings. */
export type DataverseConfiguration = DataverseSettings;

/** Microsoft's clouds: the only hosts to which credentials go, unless the installation trusts others. */
const CLOUDS = [
  'dynamics.com',
  'dynamics.cn',
  'microsoftdynamics.us',
  'appsplatform.us',
  'microsoftonline.com',
  'microsoftonline.us',
  'partner.microsoftonline.cn',
];

/**
 * The settings' schema with a check of the hosts. `trustedHosts` (host names, with port where one is used) may be named
 * beside Microsoft's, also over plain http: they are the installation's to give, never an organisation's.
 */
export function dataverseConfigurationSchema(trustedHosts: readonly string[] = []): z.ZodType<DataverseConfiguration> {
  return dataverseSettings.superRefine((configuration, check) => {
    for (const field of ['environmentUrl', 'authorityUrl'] as const) {
      if (isTrusted(new URL(configuration[field]), trustedHosts)) continue;
      check.addIssue({ code: 'custom', path: [field], message: 'must be an https address of a Microsoft cloud' });
    }
  });
}

/** The columns Verve reads, without doubles. Nothing else is ever asked for. */
export function configuredColumns(configuration: DataverseConfiguration): string[] {
  const { id, referralCode, registrationRef, memberLookup, memberColumn, status } = configuration;
  const { registeredAt, confirmedAt, modifiedAt, membershipType } = configuration;
  const all = [id, referralCode, registrationRef, memberLookup, memberColumn, status];
  all.push(registeredAt, confirmedAt, modifiedAt, membershipType);
  return [...new Set(all.filter((name) => name !== null))];
}

function isTrusted(url: URL, trustedHosts: readonly string[]): boolean {
  if (trustedHosts.includes(url.host)) return true;
  const isCloud = CLOUDS.some((cloud) => url.hostname.endsWith(`.${cloud}`));
  return url.protocol === 'https:' && url.port === '' && isCloud;
}
