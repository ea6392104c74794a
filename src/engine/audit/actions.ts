import type { Operation } from '../permissions.ts';

interface AuditedAction {
  /** What kind of thing was acted on. */
  subject: string;
  /** The right by which it was done. */
  permission: Operation;
  /** When an entry is made, and what its payload holds beside the actor. */
  when: string;
}

/**
 * Everything that leaves an entry on the audit log (specification §9): what administrators and coordinators do, and keys in
 * their place. docs/audit.md is written from this table, and tests run over it.
 */
export const auditedActions = {
  'organisation.create': {
    subject: 'organisation',
    permission: 'organisation.create',
    when: 'an organisation was made',
  },
  'organisation.change': {
    subject: 'organisation',
    permission: 'organisation.change',
    when: 'profile, words, brand or settings changed: which fields, and the settings given',
  },
  'organisation.export': {
    subject: 'organisation',
    permission: 'organisation.export',
    when: 'an export of everything began; and once more when it was read to its end',
  },
  'organisation.offboard': {
    subject: 'organisation',
    permission: 'organisation.offboard',
    when: 'an organisation left; deleted with everything else',
  },
  'secret.rotate': {
    subject: 'secret',
    permission: 'secret.manage',
    when: 'a secret was made or set: purpose, version',
  },
  'key.create': { subject: 'api_key', permission: 'key.manage', when: 'a key was made: scopes, expiry' },
  'key.revoke': { subject: 'api_key', permission: 'key.manage', when: 'a key was ended' },
  'role.grant': { subject: 'role', permission: 'role.manage', when: 'a role was given: person, role, branch' },
  'role.revoke': { subject: 'role', permission: 'role.manage', when: 'a role was taken: person, role, branch' },
  'sign_in.set_address': {
    subject: 'person',
    permission: 'role.manage',
    when: 'an address for sign-in links was set: whose; never the address',
  },
  'sign_in.remove_address': {
    subject: 'person',
    permission: 'role.manage',
    when: 'such an address was removed: whose',
  },
  'sign_in.make_link': {
    subject: 'person',
    permission: 'role.manage',
    when: 'whoever runs the installation made a sign-in link: for whom',
  },
  'sign_in.enter': { subject: 'person', permission: 'organisation.read', when: 'a person signed in with a link' },
  'sign_in.leave': { subject: 'person', permission: 'organisation.read', when: 'a person signed out' },
  'branch.create': { subject: 'branch', permission: 'branch.manage', when: 'a branch was made' },
  'branch.change': { subject: 'branch', permission: 'branch.manage', when: 'name, kind or place changed: which' },
  'mentor.create': { subject: 'mentor', permission: 'mentor.create', when: 'mentors were made: how many' },
  'mentor.change': {
    subject: 'mentor',
    permission: 'mentor.update',
    when: 'account, name, branch or member id changed: which',
  },
  'mentor.set_status': {
    subject: 'mentor',
    permission: 'mentor.set_status',
    when: 'a mentor’s status changed: from, to',
  },
  'code.issue': {
    subject: 'code',
    permission: 'code.reissue',
    when: 'somebody else than the mentor chose a code’s string, or issued one after an invalidation',
  },
  'code.rotate': { subject: 'code', permission: 'code.rotate', when: 'somebody else than the mentor replaced a code' },
  'code.invalidate': { subject: 'code', permission: 'code.invalidate', when: 'a code was ended: the reason' },
  'attribution.confirm': {
    subject: 'attribution',
    permission: 'attribution.confirm',
    when: 'a person confirmed a member: what came of it',
  },
  'attribution.reverse': {
    subject: 'attribution',
    permission: 'attribution.reverse',
    when: 'a person reversed a recruitment: what came of it',
  },
  'attribution.approve': {
    subject: 'attribution',
    permission: 'attribution.approve',
    when: 'a review was approved, or one approval of several given',
  },
  'attribution.reject': { subject: 'attribution', permission: 'attribution.reject', when: 'a review was rejected' },
  'attribution.reassign': {
    subject: 'attribution',
    permission: 'attribution.reassign',
    when: 'a recruitment was moved to another mentor',
  },
  'attribution.remove': {
    subject: 'attribution',
    permission: 'attribution.remove',
    when: 'an attribution was taken out of the counts',
  },
  'click.remove': {
    subject: 'code',
    permission: 'attribution.remove',
    when: 'a click of the code was taken out of its day',
  },
  'attribution.restore': {
    subject: 'attribution',
    permission: 'attribution.restore',
    when: 'a removed attribution was brought back',
  },
  'member.relink': {
    subject: 'source',
    permission: 'member.relink',
    when: 'two member ids were joined: what came of it',
  },
  'inbox.resolve': { subject: 'inbox_item', permission: 'inbox.resolve', when: 'a case was settled: how' },
  'inbox.reopen': { subject: 'inbox_item', permission: 'inbox.resolve', when: 'a case was opened again' },
  'contacts.read': { subject: 'contact', permission: 'member.read', when: 'contact data was read: how many' },
  'contacts.hand_over': {
    subject: 'contact',
    permission: 'member.read',
    when: 'contact data was handed over and deleted: how many',
  },
  'badge.create': { subject: 'badge_definition', permission: 'badge.manage', when: 'a badge was made: its threshold' },
  'badge.change': { subject: 'badge_definition', permission: 'badge.manage', when: 'a badge changed: which fields' },
  'badge.archive': { subject: 'badge_definition', permission: 'badge.manage', when: 'a badge was taken out of use' },
  'badge.grant': {
    subject: 'badge_definition',
    permission: 'badge.manage',
    when: 'a badge was granted by hand: to which mentor',
  },
  'badge.notify': {
    subject: 'mentor',
    permission: 'badge.manage',
    when: 'a badge service was told again: of which event',
  },
  'milestones.set': { subject: 'organisation', permission: 'badge.manage', when: 'milestones were chosen: which' },
  'milestones.backfill': {
    subject: 'organisation',
    permission: 'badge.manage',
    when: 'missing milestones were granted: how many',
  },
  'endpoint.create': {
    subject: 'webhook_endpoint',
    permission: 'endpoint.manage',
    when: 'a webhook endpoint was made: its kind',
  },
  'endpoint.change': {
    subject: 'webhook_endpoint',
    permission: 'endpoint.manage',
    when: 'an endpoint changed: which fields',
  },
  'endpoint.rotate_secret': {
    subject: 'webhook_endpoint',
    permission: 'endpoint.manage',
    when: 'an endpoint’s secret was replaced: the overlap',
  },
  'endpoint.enable': { subject: 'webhook_endpoint', permission: 'endpoint.manage', when: 'an endpoint was enabled' },
  'endpoint.disable': { subject: 'webhook_endpoint', permission: 'endpoint.manage', when: 'an endpoint was disabled' },
  'endpoint.delete': { subject: 'webhook_endpoint', permission: 'endpoint.manage', when: 'an endpoint was ended' },
  'endpoint.test': { subject: 'webhook_endpoint', permission: 'endpoint.manage', when: 'a test event was sent' },
  'endpoint.replay': {
    subject: 'webhook_endpoint',
    permission: 'endpoint.manage',
    when: 'deliveries were sent again: how many',
  },
  'import.run': { subject: 'organisation', permission: 'import.run', when: 'an import of memberships began' },
  'reconciliation.run': {
    subject: 'organisation',
    permission: 'integration.run',
    when: 'somebody started a reconciliation',
  },
  'report.download': {
    subject: 'organisation',
    permission: 'report.read',
    when: 'a report was downloaded as CSV: which',
  },
  'person.export': { subject: 'person', permission: 'person.export', when: 'everything about one person was exported' },
  'person.erase': { subject: 'person', permission: 'person.erase', when: 'one person was erased' },
} as const satisfies Record<string, AuditedAction>;

export type AuditAction = keyof typeof auditedActions;

/** Rights whose use changes something and leaves no entry, with the reason. Reading alone leaves none. */
export const unauditedPermissions = {
  'code.create': 'gets the code that is there; the event `code.created` is the record of a first one',
  'code.share': 'a mentor’s own doing; the share itself is the record',
  'click.record': 'by anybody, in great numbers; the click itself is the record',
  'registration.record': 'by anybody; the fact, with its actor, is the record',
  'registration.name_member': 'by keys, in great numbers; the fact, with its actor, is the record',
  'claim.file': 'the claim says who filed it; its decision leaves an entry',
  'mentor.choose': 'a mentor’s own choice about the leaderboard',
} as const satisfies Partial<Record<Operation, string>>;
