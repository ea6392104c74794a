import { badgeDefinitions } from './badge-definitions.ts';
import { claims } from './claims.ts';
import { attributionDecisions } from './decide-attribution.ts';
import { deepLinks } from './deep-links.ts';
import { earnedBadges } from './earned-badges.ts';
import { inbox } from './inbox.ts';
import { membershipWebhook } from './membership-webhook.ts';
import type { Operation } from './operation.ts';
import { clickOperations } from './record-click.ts';
import { referralAttributions } from './referral-attributions.ts';
import { referralCodeRecords } from './referral-code-records.ts';
import { referralCodes } from './referral-codes.ts';
import { registrationContacts } from './registration-contacts.ts';
import { registrations } from './registrations.ts';

/** The whole contract, in the order of the documentation. Router, document, client, sweep and fuzzer are made from it. */
export const operations: readonly Operation[] = [
  ...referralCodes,
  ...referralCodeRecords,
  ...referralAttributions,
  ...clickOperations,
  ...attributionDecisions,
  ...registrations,
  ...registrationContacts,
  ...deepLinks,
  ...membershipWebhook,
  ...claims,
  ...inbox,
  ...badgeDefinitions,
  ...earnedBadges,
];
