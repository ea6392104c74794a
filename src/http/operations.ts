import { apiKeys } from './api-keys.ts';
import { audit } from './audit.ts';
import { badgeDefinitions } from './badge-definitions.ts';
import { branches } from './branches.ts';
import { claims } from './claims.ts';
import { dataverseWebhook } from './dataverse-webhook.ts';
import { attributionDecisions } from './decide-attribution.ts';
import { deepLinks } from './deep-links.ts';
import { earnedBadges } from './earned-badges.ts';
import { events } from './events.ts';
import { imports } from './imports.ts';
import { inbox } from './inbox.ts';
import { integration } from './integration.ts';
import { me } from './me.ts';
import { members } from './members.ts';
import { membershipWebhook } from './membership-webhook.ts';
import { mentorFigures } from './mentor-figures.ts';
import { mentors } from './mentors.ts';
import { milestones } from './milestones.ts';
import type { Operation } from './operation.ts';
import { organisationBrand } from './organisation-brand.ts';
import { organisationLifecycle } from './organisation-lifecycle.ts';
import { organisations } from './organisations.ts';
import { privacy } from './privacy.ts';
import { reconciliations } from './reconciliations.ts';
import { clickOperations } from './record-click.ts';
import { referralAttributions } from './referral-attributions.ts';
import { referralCodeLinks } from './referral-code-links.ts';
import { referralCodeRecords } from './referral-code-records.ts';
import { referralCodes } from './referral-codes.ts';
import { registrationContacts } from './registration-contacts.ts';
import { registrations } from './registrations.ts';
import { reports } from './reports.ts';
import { roles } from './roles.ts';
import { shareKit } from './share-kit.ts';
import { shares } from './shares.ts';
import { signInAddresses } from './sign-in-addresses.ts';
import { storedImports } from './stored-imports.ts';
import { webhookDeliveries } from './webhook-deliveries.ts';
import { webhookEndpoints } from './webhook-endpoints.ts';

/** The whole contract, in the order of the documentation. Router, document, client, sweep and fuzzer are made from it. */
export const operations: readonly Operation[] = [
  ...referralCodes,
  ...referralCodeLinks,
  ...shareKit,
  ...referralCodeRecords,
  ...shares,
  ...reports,
  ...mentorFigures,
  ...referralAttributions,
  ...clickOperations,
  ...attributionDecisions,
  ...members,
  ...registrations,
  ...registrationContacts,
  ...membershipWebhook,
  ...dataverseWebhook,
  ...integration,
  ...reconciliations,
  ...imports,
  ...storedImports,
  ...claims,
  ...inbox,
  ...badgeDefinitions,
  ...earnedBadges,
  ...milestones,
  ...webhookEndpoints,
  ...webhookDeliveries,
  ...events,
  ...organisations,
  ...organisationBrand,
  ...me,
  ...organisationLifecycle,
  ...apiKeys,
  ...mentors,
  ...branches,
  ...roles,
  ...signInAddresses,
  ...deepLinks,
  ...privacy,
  ...audit,
];
