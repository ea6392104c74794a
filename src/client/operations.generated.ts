// Made from the OpenAPI document by "npm run generate"; do not edit.

export type ApiKey = { "id": string; "name": string; "prefix": string; "scopes": string[]; "created_at": string; "expires_at": string | null; "last_used_at": string | null; "revoked_at": string | null };
export type Attribution = { "id": string; "type": "conversion"; "org_id": string; "mentor_id": string | null; "code": string; "status": "pending" | "confirmed" | "rejected" | "reversed" | "expired"; "is_confirmed": boolean; "is_credited": boolean; "review_state": "none" | "waiting" | "approved" | "rejected" | "withdrawn"; "flags": string[]; "linked_by": string | null; "new_member_id": string | null; "source_model": string; "channel": string | null; "branch_id": string | null; "clicked_on": string | null; "registered_on": string; "confirmed_on": string | null; "credited_on": string | null; "occurred_at": string | null; "registered_at": string | null; "confirmed_at": string | null; "credited_at": string | null; "reversed_at": string | null; "rejected_at": string | null; "rejection_reason": string | null; "removed_at": string | null; "superseded_by": string | null; "created_at": string | null };
export type AuditEntry = { "id": string; "actor": string | null; "action": "organisation.create" | "organisation.change" | "organisation.export" | "organisation.offboard" | "secret.rotate" | "key.create" | "key.revoke" | "role.grant" | "role.revoke" | "sign_in.set_address" | "sign_in.remove_address" | "sign_in.make_link" | "sign_in.enter" | "sign_in.leave" | "branch.create" | "branch.change" | "mentor.create" | "mentor.change" | "mentor.set_status" | "code.issue" | "code.rotate" | "code.invalidate" | "attribution.confirm" | "attribution.reverse" | "attribution.approve" | "attribution.reject" | "attribution.reassign" | "attribution.remove" | "click.remove" | "attribution.restore" | "member.relink" | "inbox.resolve" | "inbox.reopen" | "contacts.read" | "contacts.hand_over" | "badge.create" | "badge.change" | "badge.archive" | "badge.grant" | "badge.notify" | "milestones.set" | "milestones.backfill" | "endpoint.create" | "endpoint.change" | "endpoint.rotate_secret" | "endpoint.enable" | "endpoint.disable" | "endpoint.delete" | "endpoint.test" | "endpoint.replay" | "import.run" | "reconciliation.run" | "report.download" | "person.export" | "person.erase"; "subject_type": string; "subject_id": string | null; "occurred_at": string; "payload"?: unknown; "is_sealed": boolean };
export type Backfill = { "outcome": "preview" | "granted"; "milestones": { "mentor_id": string; "threshold": number; "count": number }[]; "badges": { "mentor_id": string; "badge_definition_id": string }[] };
export type BadgeDefinition = { "id": string; "organization_id": string; "name": string; "icon_key": string; "criteria_type": "recruiting_milestone"; "criteria_value": number; "description": string; "created_at": string; "updated_at": string; "archived_at": string | null };
export type Branch = { "id": string; "org_id": string; "parent_id": string | null; "name": string; "kind": "county" | "local" | "other"; "created_at": string };
export type BranchReportRow = { "branch_id": string | null; "name": string | null; "parent_id": string | null; "kind": string | null; "mentors": number; "shared": number; "clicked": number; "joined": number; "registered": number; "confirmed": number; "credited": number; "conversion_rate": number };
export type BrandPreview = { "readability": { "button": { "text": string; "ratio": number; "other": string; "other_ratio": number }; "link": { "colour": string; "ratio": number; "wished_ratio": number }; "border": { "colour": string; "ratio": number }; "qr": { "colour": string; "ratio": number } }; "tones": { "light": { "base": string; "hover": string; "contrast": string; "tint": string; "text": string; "strong": string; "border": string; "edge": string; "tick": string }; "dark": { "base": string; "hover": string; "contrast": string; "tint": string; "text": string; "strong": string; "border": string; "edge": string; "tick": string } }; "words": Record<string, string>; "built_in": { "terms": { "singular": string; "singular_definite": string; "plural": string; "plural_definite": string }; "sentences": Record<string, string> } };
export type ChannelReportRow = { "channel": string; "shared": number; "clicked": number; "joined": number; "registered": number; "credited": number };
export type Claim = { "id": string; "mentor_id": string | null; "claimant": "mentor" | "member" | "coordinator"; "met_on": string | null; "channel": string | null; "status": "open" | "accepted" | "declined"; "filed_on": string | null; "decided_on": string | null; "decision_reason": string | null; "attribution_id": string | null; "filed_at": string | null; "decided_at": string | null; "filed_by": string | null; "filed_by_name": string | null; "decided_by": string | null; "decided_by_name": string | null };
export type Click = { "id": string | null; "type": "click"; "code": string; "mentor_id": string | null; "status": "pending"; "is_confirmed": false; "new_member_id": null; "class": string; "channel": string | null; "platform": string | null; "occurred_at": string; "created_at": string };
export type ConfirmedAttribution = { "id": string; "type": "conversion"; "org_id": string; "mentor_id": string | null; "code": string; "status": "pending" | "confirmed" | "rejected" | "reversed" | "expired"; "is_confirmed": boolean; "is_credited": boolean; "review_state": "none" | "waiting" | "approved" | "rejected" | "withdrawn"; "flags": string[]; "linked_by": string | null; "new_member_id": string | null; "source_model": string; "channel": string | null; "branch_id": string | null; "clicked_on": string | null; "registered_on": string; "confirmed_on": string | null; "credited_on": string | null; "occurred_at": string | null; "registered_at": string | null; "confirmed_at": string | null; "credited_at": string | null; "reversed_at": string | null; "rejected_at": string | null; "rejection_reason": string | null; "removed_at": string | null; "superseded_by": string | null; "created_at": string | null; "outcome": string };
export type Consequence = { "totals": { "mentor_id": string; "before": number; "after": number }[]; "milestones": { "mentor_id": string; "threshold": number }[]; "badges": { "mentor_id": string; "badge_definition_id": string }[] };
export type DataverseDeliveryReceived = { "is_repeated": boolean };
export type DayRange = { "from_day": string; "to_day": string };
export type Decision = { "outcome": string; "attribution_id": string; "superseded_attribution_id"?: string; "mentor_id"?: string | null; "missing_roles"?: string[]; "consequence": Consequence };
export type DeliveryAccepted = { "accepted": number; "is_repeated": boolean; "results": { "index": number; "result": string }[]; "refused": ({ "index": number; "field": string | null; "code": string; "message": string })[] };
export type EarnedBadge = { "id": string; "peer_mentor_id": string; "badge_definition_id": string; "organization_id": string; "earned_on": string | null; "earned_at": string | null; "notification_sent": boolean; "awarded_by": "system" | "admin" };
export type Explanation = { "attribution": Attribution; "sentence": string; "strength_of_link": "certain" | "by_code" | "by_order" | "decided_by_person" | "not_linked"; "checks": ({ "rule": string; "result": "passed" | "failed" | "noted"; "text": string; "section": string })[]; "history": ({ "at": string; "kind": "fact" | "event" | "review"; "name": string; "text": string; "is_applied": boolean | null })[]; "facts": ({ "fact_id": string; "seq": number; "kind": string; "code": string | null; "is_same_code": boolean | null; "occurred_at": string; "received_at": string; "via": string; "actor": string; "membership_type": string | null; "reason": string | null; "outcome": string; "is_applied": boolean })[]; "events": { "event_id": string; "seq": number; "type": string; "occurred_at": string; "data": Record<string, unknown> }[]; "reviews": ({ "review_id": string; "state": string; "flags": string[]; "required_roles": string[]; "reason_code": string | null; "reason_text": string | null; "decided_by": string | null; "opened_at": string; "decided_at": string | null; "approvals": { "approver": string; "role": string; "approved_at": string }[] })[]; "predecessor_id": string | null };
export type FunnelReport = { "range": DayRange; "before": DayRange; "steps": ({ "stage": "shared" | "clicked" | "registered" | "confirmed" | "credited"; "count": number; "count_before": number; "drop_off_percent": number | null; "median_seconds": number | null })[]; "joined": number; "joined_before": number; "credited_without_click": number; "machines": { "previews": number; "prefetches": number; "crawlers": number; "others": number } };
export type Import = ImportReport & ({ "id": string; "status": "waiting" | "running" | "succeeded" | "failed"; "created_at": string; "started_at": string | null; "finished_at": string | null; "lines_done": number; "total_lines": number; "error_code": string | null; "error_detail": string | null });
export type ImportReport = { "is_preview": boolean; "counts": Record<string, number>; "results": Record<string, number>; "ignored_columns": string[]; "lines": { "line": number; "result": string; "explanation": string }[] };
export type InboxItem = { "id": string; "org_id": string; "kind": "unknown_code" | "conflict" | "foreign_code" | "self_referral" | "code_ended" | "not_eligible" | "claim" | "stuck_delivery"; "status": "open" | "resolved"; "claim_id": string | null; "code": string; "mentor_id": string | null; "attribution_id": string | null; "details": Record<string, unknown>; "opened_at": string; "resolved_at": string | null; "resolution": string | null; "resolution_reason": string | null; "resolved_by": string | null; "resolved_by_name": string | null };
export type Integration = { "last_message_at": string | null; "last_reconciliation_at": string | null; "last_reconciliation_status": "succeeded" | "failed" | null; "unmatched": number; "waiting_deliveries": number; "parked_deliveries": number; "last_delivered_at": string | null; "failing_endpoints": number; "messages_by_day": { "day": string; "received": number }[]; "failed_messages": ({ "id": string; "channel": string; "received_at": string; "error_code": string | null })[] };
export type MembershipStatement = { "event_id"?: string; "status": "registered" | "confirmed" | "rejected" | "reversed" | "invalidated"; "external_member_id"?: string; "referral_code"?: string; "registration_ref"?: string; "occurred_at"?: string; "registered_at"?: string; "reason"?: string; "chapter"?: string; "membership_type"?: string };
export type MembershipSystemCheck = { "is_good": boolean; "steps": ({ "step": "credentials" | "organisation" | "table" | "columns" | "page"; "is_good": boolean; "message": string })[] };
export type Mentor = { "id": string; "org_id": string; "display_name": string; "branch_id": string | null; "status": "active" | "paused" | "left"; "is_on_leaderboard": boolean; "created_at": string; "updated_at": string; "left_at": string | null };
export type MentorFigures = { "mentor_id": string; "total_shares": number; "total_clicks": number; "pending_count": number; "confirmed_count": number; "without_click_count": number; "conversion_rate": number; "as_of": string | null };
export type MentorReportRow = { "mentor_id": string; "display_name": string; "branch_id": string | null; "status": "active" | "paused" | "left"; "shared": number; "clicked": number; "joined": number; "registered": number; "confirmed": number; "credited": number; "credited_without_click": number; "conversion_rate": number; "last_shared_at": string | null };
export type MilestoneAward = { "id": string; "mentor_id": string; "award_key": string; "threshold": number; "reached_count": number | null; "origin": "crossing" | "backfill" | null; "awarded_on": string | null; "awarded_at": string | null };
export type NewApiKey = ApiKey & { "secret": string };
export type NewOrganisation = Organisation & { "api_key": { "id": string; "secret": string; "scopes": string[] } };
export type NewWebhookEndpoint = WebhookEndpoint & { "secret": string };
export type Organisation = { "id": string; "slug": string; "name": string; "locale": "nb" | "nn" | "en"; "time_zone": string; "terms": Record<string, unknown>; "brand": Record<string, unknown>; "logo_url": string | null; "settings": Record<string, unknown> | null; "join_url_template": string | null; "link_domains": string[]; "app_ids": unknown[]; "created_at": string; "updated_at": string };
export type ParsedLink = { "kind": "referral" | "malformed" | "other"; "form": string | null; "reason": "missing_code" | "unreadable_code" | null; "code": string | null; "display_code": string | null; "channel": "whatsapp" | "sms" | "email" | "messenger" | "facebook" | "qr" | "poster" | "copy" | "other" | null; "state": "valid" | "replaced" | "expired" | "ended" | "unknown" | null; "organisation": { "slug": string; "name": string; "locale": string } | null; "join_url": string | null };
export type PersonExport = { "subject": { "kind": "member" | "mentor"; "id": string }; "exported_at": string; "tables": Record<string, Record<string, unknown>[]> };
export type Problem = { "type": string; "title": string; "status": number; "code": string; "detail": string; "request_id": string; "errors"?: { "field": string; "message": string }[] };
export type ReachedMilestone = { "award_key": string; "milestone": string; "milestone_type": string; "threshold": number; "reached_count": number; "credited": number; "origin": "crossing" | "backfill"; "awarded_at": string };
export type Reconciliation = { "id": string; "trigger": "schedule" | "person" | "command"; "status": "running" | "succeeded" | "failed"; "since": string | null; "started_at": string; "finished_at": string | null; "seen": number; "matched": number; "credited": number; "already_known": number; "to_inbox": number; "failed": number; "error_code": string | null; "error_detail": string | null };
export type ReferralCode = { "id": string; "mentor_id": string | null; "org_id": string; "code": string; "url": string | null; "status": "active" | "rotated" | "invalidated"; "created_at": string; "expires_at": string | null; "rotated_at": string | null; "invalidated_at": string | null; "previous_code"?: string };
export type ReferralCodeRecord = { "id": string; "mentor_id": string | null; "org_id": string; "code": string; "url": string | null; "status": "active" | "inactive"; "created_at": string; "expires_at": string | null; "deactivated_at": string | null; "deleted"?: boolean; "deleted_at"?: string | null };
export type Registration = { "outcome": string; "registration_ref": string | null; "attribution_id": string | null };
export type RegistrationContact = { "contact_id": string; "attribution_id": string | null; "code": string | null; "registration_ref": string | null; "name": string | null; "phone": string | null; "email": string | null; "consent_version": string | null; "created_at": string; "delete_after": string };
export type Relinked = { "outcome": "relinked" | "already_relinked" | "conflict" | "ignored_erased"; "consequence": Consequence };
export type Resolution = { "outcome": "resolved" | "already_resolved"; "inbox_item_id": string; "resolution": string; "attribution_id": string | null; "fact": string | null; "consequence": Consequence | null };
export type Role = { "id": string; "user_id": string; "role": "peer_mentor" | "coordinator" | "org_admin"; "branch_id": string | null; "created_at": string };
export type Share = { "id": string; "mentor_id": string | null; "code_id": string; "channel": "whatsapp" | "sms" | "email" | "messenger" | "facebook" | "qr" | "poster" | "copy" | "other"; "shared_at": string; "day": string; "created_at": string };
export type ShareItem = { "channel": "whatsapp" | "sms" | "email" | "messenger" | "facebook" | "qr" | "poster" | "copy" | "other"; "url": string; "text": string; "subject": string; "open_url": string | null };
export type StreamedEvent = { "id": string; "type": string; "occurred_at": string; "mentor_id": string | null; "code_id": string | null; "attribution_id": string | null; "data": Record<string, unknown> };
export type TimelineReportRow = { "day": string; "shared": number; "clicked": number; "joined": number; "registered": number; "confirmed": number; "credited": number };
export type WebhookDelivery = { "id": string; "endpoint_id": string; "event_id": string | null; "event_type": string | null; "status": "pending" | "delivered" | "parked" | "cancelled"; "attempts": number; "due_at": string; "last_tried_at": string | null; "last_status": number | null; "last_failure": string | null; "last_duration_ms": number | null; "delivered_at": string | null; "parked_at": string | null; "created_at": string };
export type WebhookDeliveryDetail = { "id": string; "endpoint_id": string; "event_id": string | null; "event_type": string | null; "status": "pending" | "delivered" | "parked" | "cancelled"; "attempts": number; "due_at": string; "last_tried_at": string | null; "last_status": number | null; "last_failure": string | null; "last_duration_ms": number | null; "delivered_at": string | null; "parked_at": string | null; "created_at": string; "body": string | null; "tries": ({ "attempt": number; "tried_at": string; "duration_ms": number; "status": number | null; "failure": string | null })[] };
export type WebhookEndpoint = { "id": string; "kind": "generic" | "badge_service"; "url": string; "description": string; "event_types": string[] | null; "status": "enabled" | "disabled" | "deleted"; "disabled_reason": string | null; "disabled_at": string | null; "paused_until": string | null; "failing_since": string | null; "previous_secret_until": string | null; "created_at": string; "updated_at": string };

/** What each operation takes and answers. */
export interface Operations {
  /** List referral codes. */
  listReferralCodes: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number; "status"?: "active" | "inactive" | "rotated" | "invalidated"; "mentor_id"?: string } }; answer: { "data": ReferralCode[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** Get or create a referral code. */
  getOrCreateReferralCode: { input: { body?: { "mentor_id"?: string; "owner_model"?: string; "owner_ref"?: string; "device_token"?: string } }; answer: ReferralCode };
  /** Read a referral code. */
  getReferralCode: { input: { path: { "id": string } }; answer: ReferralCode };
  /** Rotate a referral code. */
  rotateReferralCode: { input: { path: { "id": string }; body: { "mentor_id"?: string; "action": "rotate" } }; answer: ReferralCode };
  /** Invalidate a referral code. */
  invalidateReferralCode: { input: { path: { "id": string } }; answer: ReferralCode };
  /** Read the link of a code. */
  getReferralCodeUrl: { input: { path: { "id": string } }; answer: { "url": string } };
  /** QR code as SVG. */
  getReferralCodeQrSvg: { input: { path: { "id": string }; query?: { "size"?: number } }; answer: Response };
  /** QR code as PNG. */
  getReferralCodeQrPng: { input: { path: { "id": string }; query?: { "size"?: number } }; answer: Response };
  /** What a mentor shares, by channel. */
  getShareKit: { input: { path: { "id": string }; query?: { "language"?: "nb" | "nn" | "en"; "platform"?: "ios" | "android" | "other" } }; answer: { "data": ShareItem[] } };
  /** List code records. */
  listReferralCodeRecords: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number; "status"?: "active" | "inactive" | "rotated" | "invalidated"; "mentor_id"?: string } }; answer: { "data": ReferralCodeRecord[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** Store a chosen code. */
  createReferralCodeRecord: { input: { body: { "mentor_id"?: string; "owner_model"?: string; "owner_ref"?: string; "code": string } }; answer: ReferralCodeRecord };
  /** Read a mentor’s active code. */
  getActiveReferralCodeRecord: { input: { query?: { "mentor_id"?: string } }; answer: ReferralCodeRecord };
  /** Find a code by its string. */
  lookUpReferralCodeRecord: { input: { query: { "code": string } }; answer: ReferralCodeRecord };
  /** Read a code record. */
  getReferralCodeRecord: { input: { path: { "id": string } }; answer: ReferralCodeRecord };
  /** Deactivate a code. */
  deactivateReferralCodeRecord: { input: { path: { "id": string }; body: { "status": "inactive" } }; answer: ReferralCodeRecord };
  /** Delete a code. */
  deleteReferralCodeRecord: { input: { path: { "id": string } }; answer: ReferralCodeRecord };
  /** List shares. */
  listShares: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number; "mentor_id"?: string } }; answer: { "data": Share[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** Record a completed share. */
  recordShare: { input: { body: { "mentor_id"?: string; "channel": "whatsapp" | "sms" | "email" | "messenger" | "facebook" | "qr" | "poster" | "copy" | "other"; "shared_at"?: string } }; answer: Share };
  /** The funnel. */
  getFunnelReport: { input: { query?: { "from"?: string; "to"?: string; "format"?: "json" | "csv"; "delimiter"?: "comma" | "semicolon"; "mentor_id"?: string; "branch_id"?: string } }; answer: FunnelReport; answerIn: { "csv": Response } };
  /** Per mentor. */
  getMentorsReport: { input: { query?: { "from"?: string; "to"?: string; "format"?: "json" | "csv"; "delimiter"?: "comma" | "semicolon"; "mentor_id"?: string; "branch_id"?: string; "sort"?: "credited" | "rate" } }; answer: { "data": MentorReportRow[] }; answerIn: { "csv": Response } };
  /** Per branch. */
  getBranchesReport: { input: { query?: { "from"?: string; "to"?: string; "format"?: "json" | "csv"; "delimiter"?: "comma" | "semicolon"; "branch_id"?: string } }; answer: { "data": BranchReportRow[] }; answerIn: { "csv": Response } };
  /** Per channel. */
  getChannelsReport: { input: { query?: { "from"?: string; "to"?: string; "format"?: "json" | "csv"; "delimiter"?: "comma" | "semicolon"; "branch_id"?: string } }; answer: { "data": ChannelReportRow[] }; answerIn: { "csv": Response } };
  /** Per day. */
  getTimelineReport: { input: { query?: { "from"?: string; "to"?: string; "format"?: "json" | "csv"; "delimiter"?: "comma" | "semicolon"; "mentor_id"?: string; "branch_id"?: string } }; answer: { "data": TimelineReportRow[] }; answerIn: { "csv": Response } };
  /** A mentor’s figures. */
  getMentorStats: { input: { path: { "mentorId": string } }; answer: MentorFigures };
  /** A mentor’s conversion rate. */
  getMentorConversionRate: { input: { path: { "mentorId": string } }; answer: { "conversion_rate": number } };
  /** List conversions or clicks. */
  listReferralAttributions: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number; "type"?: "conversion" | "click"; "status"?: "pending" | "confirmed" | "rejected" | "reversed" | "expired"; "review_state"?: "none" | "waiting" | "approved" | "rejected" | "withdrawn"; "flag"?: "same_device" | "velocity" | "code_mismatch" | "late_after_end" | "code_order"; "mentor_id"?: string; "code"?: string } }; answer: { "data": (Attribution | Click)[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** Record a click. */
  recordReferralClick: { input: { body: { "code": string; "occurred_at"?: string; "session_token"?: string; "device_token"?: string; "metadata"?: Record<string, unknown>; "referrer_url"?: string; "ip_address"?: string; "user_agent"?: string } }; answer: { "id": string | null; "outcome": "recorded" | "deduplicated" | "rejected"; "reason"?: string; "code": string; "mentor_id": string | null; "type": "click"; "status": "pending"; "new_member_id": null; "is_confirmed": false; "occurred_at": string; "created_at": string } };
  /** List a mentor’s conversions. */
  listReferralAttributionsOfMentor: { input: { path: { "mentorId": string }; query?: { "cursor"?: string; "limit"?: number; "page"?: number; "type"?: "conversion" | "click"; "status"?: "pending" | "confirmed" | "rejected" | "reversed" | "expired"; "review_state"?: "none" | "waiting" | "approved" | "rejected" | "withdrawn"; "flag"?: "same_device" | "velocity" | "code_mismatch" | "late_after_end" | "code_order"; "code"?: string } }; answer: { "data": (Attribution | Click)[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** Read an attribution. */
  getReferralAttribution: { input: { path: { "id": string } }; answer: Attribution | Click };
  /** Confirm an attribution. */
  confirmReferralAttribution: { input: { path: { "id": string }; body: { "code"?: string; "new_member_id": string; "confirmed_at"?: string; "membership_type"?: string } }; answer: ConfirmedAttribution | { "outcome": string } };
  /** Remove a recruitment or a click. */
  deleteReferralAttribution: { input: { path: { "id": string }; query: { "reason": string } }; answer: Decision | null };
  /** Explain an attribution. */
  getReferralAttributionExplanation: { input: { path: { "id": string } }; answer: Explanation };
  /** Approve a waiting recruitment. */
  approveAttribution: { input: { path: { "id": string }; body?: { "role"?: "coordinator" | "org_admin" } }; answer: Decision };
  /** Approve a waiting recruitment: preview. */
  previewApproveAttribution: { input: { path: { "id": string }; body?: { "role"?: "coordinator" | "org_admin" } }; answer: Decision };
  /** Reject a waiting recruitment. */
  rejectAttribution: { input: { path: { "id": string }; body: { "reason_code": "self_referral" | "duplicate" | "not_a_new_member" | "not_eligible" | "suspected_fraud" | "other"; "reason_text"?: string } }; answer: Decision };
  /** Reject a waiting recruitment: preview. */
  previewRejectAttribution: { input: { path: { "id": string }; body: { "reason_code": "self_referral" | "duplicate" | "not_a_new_member" | "not_eligible" | "suspected_fraud" | "other"; "reason_text"?: string } }; answer: Decision };
  /** Move a recruitment to another mentor. */
  reassignAttribution: { input: { path: { "id": string }; body: { "mentor_id": string; "reason": string } }; answer: Decision };
  /** Move a recruitment to another mentor: preview. */
  previewReassignAttribution: { input: { path: { "id": string }; body: { "mentor_id": string; "reason": string } }; answer: Decision };
  /** Reverse a confirmed recruitment. */
  reverseAttribution: { input: { path: { "id": string }; body?: { "reason"?: string } }; answer: Decision };
  /** Reverse a confirmed recruitment: preview. */
  previewReverseAttribution: { input: { path: { "id": string }; body?: { "reason"?: string } }; answer: Decision };
  /** Restore a removed recruitment. */
  restoreAttribution: { input: { path: { "id": string } }; answer: Decision };
  /** Join two member ids. */
  relinkMember: { input: { body: { "old_member_id": string; "new_member_id": string } }; answer: Relinked };
  /** Join two member ids: preview. */
  previewRelinkMember: { input: { body: { "old_member_id": string; "new_member_id": string } }; answer: Relinked };
  /** Record a registration. */
  createRegistration: { input: { body: { "code"?: string; "organisation"?: string; "session_token"?: string; "device_token"?: string; "registration_ref"?: string; "registered_at"?: string; "channel"?: "whatsapp" | "sms" | "email" | "messenger" | "facebook" | "qr" | "poster" | "copy" | "other"; "new_member_id"?: string } }; answer: Registration };
  /** Contact data that waits to be handed over. */
  listRegistrationContacts: { input: { query?: { "limit"?: number } }; answer: { "data": RegistrationContact[] } };
  /** Contact data has been handed over. */
  handOverRegistrationContacts: { input: { body: { "contact_ids": string[] } }; answer: { "deleted": number } };
  /** Receive a delivery of the membership system. */
  receiveMembershipDelivery: { input: { path: { "organisation": string }; query?: { "code"?: string; "x-referral-key"?: string }; body: MembershipStatement | MembershipStatement[] }; answer: DeliveryAccepted };
  /** Receive a delivery of Dataverse or Power Automate. */
  receiveDataverseDelivery: { input: { path: { "organisation": string }; query?: { "code"?: string; "x-referral-key"?: string }; body: Record<string, unknown> }; answer: DataverseDeliveryReceived };
  /** How the connections stand. */
  getIntegration: { input: object; answer: Integration };
  /** List reconciliations. */
  listReconciliations: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number } }; answer: { "data": Reconciliation[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** Reconcile now. */
  startReconciliation: { input: object; answer: Reconciliation };
  /** Check the membership system. */
  checkMembershipSystem: { input: object; answer: MembershipSystemCheck };
  /** Import a file of memberships. */
  importMemberships: { input: { query?: { "preview"?: "true" | "false"; "format"?: "json" | "csv" | "progress"; "status"?: "registered" | "confirmed" | "rejected" | "reversed"; "map"?: string; "ignore_unknown_columns"?: "true" | "false" }; body: string | Blob }; answer: ImportReport | Import };
  /** List imports. */
  listImports: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number } }; answer: { "data": Import[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** Read an import. */
  getImport: { input: { path: { "id": string } }; answer: Import };
  /** List claims. */
  listClaims: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number } }; answer: { "data": Claim[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** File a claim. */
  fileClaim: { input: { body: { "claimant": "mentor" | "member" | "coordinator"; "mentor_id"?: string; "code"?: string; "member_id"?: string; "met_on"?: string; "channel"?: "whatsapp" | "sms" | "email" | "messenger" | "facebook" | "qr" | "poster" | "copy" | "other" } }; answer: { "claim_id": string; "inbox_item_id": string | null } };
  /** List what needs a person. */
  listInboxItems: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number; "status"?: "open" | "resolved"; "kind"?: "unknown_code" | "conflict" | "foreign_code" | "self_referral" | "code_ended" | "not_eligible" | "claim" | "stuck_delivery"; "mentor_id"?: string } }; answer: { "data": InboxItem[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** Read a case. */
  getInboxItem: { input: { path: { "id": string } }; answer: InboxItem };
  /** Settle a case. */
  resolveInboxItem: { input: { path: { "id": string }; body: { "how": "attach" | "correct_code" | "link" | "dismiss"; "mentor_id"?: string; "attribution_id"?: string; "code"?: string; "reason": string } }; answer: Resolution };
  /** Settle a case: preview. */
  previewResolveInboxItem: { input: { path: { "id": string }; body: { "how": "attach" | "correct_code" | "link" | "dismiss"; "mentor_id"?: string; "attribution_id"?: string; "code"?: string; "reason": string } }; answer: Resolution };
  /** Reopen a settled case. */
  reopenInboxItem: { input: { path: { "id": string }; body: { "reason": string } }; answer: { "outcome": "reopened" | "already_open"; "inbox_item_id": string } };
  /** List badge definitions. */
  listBadgeDefinitions: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number; "include_archived"?: "true" | "false" } }; answer: { "data": BadgeDefinition[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** Make a badge. */
  createBadgeDefinition: { input: { body: { "name": string; "icon_key"?: string; "criteria_type"?: "recruiting_milestone" | "recruitment"; "criteria_value": number; "description"?: string } }; answer: BadgeDefinition };
  /** Read a badge. */
  getBadgeDefinition: { input: { path: { "id": string } }; answer: BadgeDefinition };
  /** Change a badge. */
  updateBadgeDefinition: { input: { path: { "id": string }; body: { "name"?: string; "icon_key"?: string; "criteria_type"?: "recruiting_milestone" | "recruitment"; "criteria_value"?: number; "description"?: string } }; answer: BadgeDefinition };
  /** Take a badge out of use. */
  archiveBadgeDefinition: { input: { path: { "id": string } }; answer: BadgeDefinition };
  /** List earned badges. */
  listEarnedBadges: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number; "mentor_id"?: string; "peer_mentor_id"?: string; "badge_definition_id"?: string } }; answer: { "data": EarnedBadge[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** Grant a badge by hand. */
  grantBadge: { input: { body: { "mentor_id"?: string; "peer_mentor_id"?: string; "badge_definition_id": string } }; answer: EarnedBadge };
  /** Whether a mentor holds a badge. */
  earnedBadgeExists: { input: { query: { "mentor_id"?: string; "peer_mentor_id"?: string; "badge_definition_id": string } }; answer: { "exists": boolean; "earned_badge_id": string | null } };
  /** Earned badges of the organisation. */
  listEarnedBadgesByOrganisation: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number } }; answer: { "data": EarnedBadge[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** List the thresholds, and what a mentor has reached. */
  listMilestones: { input: { query?: { "mentor"?: string } }; answer: { "thresholds": number[]; "awards"?: ReachedMilestone[] } };
  /** Choose the thresholds. */
  setMilestones: { input: { body: { "thresholds": number[] } }; answer: { "thresholds": number[] } };
  /** List reached milestones. */
  listMilestoneAwards: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number; "mentor_id"?: string } }; answer: { "data": MilestoneAward[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** Backfill: preview. */
  previewMilestoneBackfill: { input: object; answer: Backfill };
  /** Backfill: grant. */
  grantMilestoneBackfill: { input: object; answer: Backfill };
  /** List endpoints. */
  listWebhookEndpoints: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number } }; answer: { "data": WebhookEndpoint[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** Make an endpoint. */
  createWebhookEndpoint: { input: { body: { "url": string; "kind"?: "generic" | "badge_service"; "description"?: string; "event_types"?: string[] | null } }; answer: NewWebhookEndpoint };
  /** Read an endpoint. */
  getWebhookEndpoint: { input: { path: { "id": string } }; answer: WebhookEndpoint };
  /** Change an endpoint. */
  updateWebhookEndpoint: { input: { path: { "id": string }; body: { "url"?: string; "description"?: string; "event_types"?: string[] | null } }; answer: WebhookEndpoint };
  /** End an endpoint. */
  deleteWebhookEndpoint: { input: { path: { "id": string } }; answer: null };
  /** Enable an endpoint. */
  enableWebhookEndpoint: { input: { path: { "id": string } }; answer: WebhookEndpoint };
  /** Disable an endpoint. */
  disableWebhookEndpoint: { input: { path: { "id": string } }; answer: WebhookEndpoint };
  /** Rotate a secret. */
  rotateWebhookEndpointSecret: { input: { path: { "id": string }; body?: { "overlap_hours"?: number } }; answer: NewWebhookEndpoint };
  /** Send a test event. */
  testWebhookEndpoint: { input: { path: { "id": string } }; answer: { "delivery_id": string } };
  /** List deliveries. */
  listWebhookDeliveries: { input: { path: { "id": string }; query?: { "cursor"?: string; "limit"?: number; "page"?: number; "status"?: "pending" | "delivered" | "parked" | "cancelled" } }; answer: { "data": WebhookDelivery[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** Replay a range. */
  replayWebhookDeliveries: { input: { path: { "id": string }; body: { "from": string; "to": string; "include_delivered"?: boolean } }; answer: { "outcome": "replayed"; "count": number; "next_from"?: string | null } };
  /** Read a delivery. */
  getWebhookDelivery: { input: { path: { "id": string } }; answer: WebhookDeliveryDetail };
  /** Replay a delivery. */
  replayWebhookDelivery: { input: { path: { "id": string } }; answer: { "outcome": "replayed"; "count": number; "next_from"?: string | null } };
  /** Stream events. */
  streamEvents: { input: { query?: { "type"?: string } }; answer: Response };
  /** List my organisations. */
  listOrganisations: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number } }; answer: { "data": { "id": string; "slug": string; "name": string }[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** Make an organisation. */
  createOrganisation: { input: { body: { "slug": string; "name": string; "locale"?: "nb" | "nn" | "en"; "time_zone"?: string; "admin_user_id"?: string } }; answer: NewOrganisation };
  /** Read an organisation. */
  getOrganisation: { input: { path: { "id": string } }; answer: Organisation };
  /** Change an organisation. */
  updateOrganisation: { input: { path: { "id": string }; body: { "slug"?: string; "name"?: string; "locale"?: "nb" | "nn" | "en"; "time_zone"?: string; "terms"?: Record<string, unknown>; "brand"?: Record<string, unknown>; "settings"?: Record<string, unknown>; "join_url_template"?: string | null; "link_domains"?: string[]; "app_ids"?: unknown[]; "expected_updated_at"?: string } }; answer: Organisation };
  /** List secrets. */
  listOrganisationSecrets: { input: { path: { "id": string } }; answer: { "data": ({ "purpose": string; "version": number; "created_at": string; "expires_at": string | null })[] } };
  /** Rotate a secret. */
  rotateOrganisationSecret: { input: { path: { "id": string }; body: { "purpose": "webhook_signing" | "webhook_key" | "code"; "overlap_hours"?: number } }; answer: { "purpose": string; "version": number; "value": string | null; "previous_expires_at": string | null } };
  /** Try a colour and words. */
  previewBrand: { input: { path: { "id": string }; body: { "language": "nb" | "nn" | "en"; "colour": string | null; "terms"?: { "singular": string; "singular_definite": string; "plural": string; "plural_definite": string }; "sentences"?: { "join.intro"?: string; "join.sees.no"?: string; "share.message"?: string; "share.subject"?: string } } }; answer: BrandPreview };
  /** Set the logo. */
  setOrganisationLogo: { input: { path: { "id": string }; body: string | Blob }; answer: Organisation };
  /** Take the logo away. */
  removeOrganisationLogo: { input: { path: { "id": string } }; answer: Organisation };
  /** Who I am. */
  getMe: { input: object; answer: { "user_id": string | null; "key": { "id": string; "scopes": string[] } | null; "organisations": ({ "id": string; "slug": string; "name": string; "mentor_id": string | null; "roles": ({ "role": "peer_mentor" | "coordinator" | "org_admin"; "branch_id": string | null })[] })[] } };
  /** Export everything. */
  exportOrganisation: { input: { path: { "id": string } }; answer: Response };
  /** What leaving would delete. */
  previewOffboardOrganisation: { input: { path: { "id": string } }; answer: { "slug": string; "rows": Record<string, number> } };
  /** Leave for good. */
  offboardOrganisation: { input: { path: { "id": string }; body: { "confirm": string; "receipt"?: string; "without_export"?: true } }; answer: { "outcome": "leaving"; "organisation_id": string; "offboarded_at": string } };
  /** List keys. */
  listApiKeys: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number } }; answer: { "data": ApiKey[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** Make a key. */
  createApiKey: { input: { body: { "name": string; "scopes": ("codes:read" | "codes:write" | "mentors:read" | "mentors:write" | "clicks:write" | "registrations:write" | "attributions:read" | "attributions:confirm" | "attributions:review" | "claims:write" | "members:read" | "reports:read" | "admin" | "organisations:create")[]; "expires_at"?: string } }; answer: NewApiKey };
  /** Revoke a key. */
  revokeApiKey: { input: { path: { "id": string } }; answer: ApiKey };
  /** List mentors. */
  listMentors: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number; "branch_id"?: string; "status"?: "active" | "paused" | "left"; "q"?: string } }; answer: { "data": Mentor[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** Make a mentor. */
  createMentor: { input: { body: { "id"?: string; "user_id"?: string; "display_name": string; "branch_id"?: string; "member_id"?: string | null } }; answer: Mentor };
  /** Make many mentors. */
  importMentors: { input: { body: { "mentors": ({ "id"?: string; "user_id"?: string; "display_name": string; "branch_id"?: string; "member_id"?: string | null })[] } }; answer: { "data": ({ "outcome": string; "mentor": Mentor | null })[] } };
  /** Read a mentor. */
  getMentor: { input: { path: { "id": string } }; answer: Mentor };
  /** Change a mentor. */
  updateMentor: { input: { path: { "id": string }; body: { "user_id"?: string; "display_name"?: string; "branch_id"?: string; "member_id"?: string | null; "status"?: "active" | "paused" | "left"; "is_on_leaderboard"?: boolean } }; answer: Mentor };
  /** List branches. */
  listBranches: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number; "parent_id"?: string } }; answer: { "data": Branch[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** Make a branch. */
  createBranch: { input: { body: { "id"?: string; "name": string; "kind"?: "county" | "local" | "other"; "parent_id"?: string | null } }; answer: Branch };
  /** Read a branch. */
  getBranch: { input: { path: { "id": string } }; answer: Branch };
  /** Change a branch. */
  updateBranch: { input: { path: { "id": string }; body: { "name"?: string; "kind"?: "county" | "local" | "other"; "parent_id"?: string | null } }; answer: Branch };
  /** List roles. */
  listRoles: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number; "user_id"?: string } }; answer: { "data": Role[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
  /** Give a role. */
  grantRole: { input: { body: { "user_id": string; "role": "peer_mentor" | "coordinator" | "org_admin"; "branch_id"?: string } }; answer: Role };
  /** Take a role away. */
  revokeRole: { input: { path: { "id": string } }; answer: null };
  /** Say where a person’s sign-in links go. */
  setSignInAddress: { input: { path: { "user_id": string }; body: { "email": string } }; answer: { "user_id": string } };
  /** Forget where a person’s sign-in links go. */
  removeSignInAddress: { input: { path: { "user_id": string } }; answer: null };
  /** Understand a link. */
  parseDeepLink: { input: { body: { "url"?: string; "install_referrer"?: string } }; answer: ParsedLink };
  /** Export everything about one person. */
  exportPerson: { input: { body: { "member_id": string } | { "mentor_id": string } }; answer: PersonExport };
  /** What erasing one person would find. */
  previewErasePerson: { input: { body: { "member_id": string } | { "mentor_id": string } }; answer: { "outcome": "would_erase" | "already_erased" | "not_found"; "rows": Record<string, number> } };
  /** Erase one person. */
  erasePerson: { input: { body: { "member_id": string; "confirm": "erase" } | { "mentor_id": string; "confirm": "erase" } }; answer: { "outcome": "erased" | "already_erased" | "not_found" } };
  /** Read the audit log. */
  listAuditEntries: { input: { query?: { "cursor"?: string; "limit"?: number; "page"?: number; "action"?: "organisation.create" | "organisation.change" | "organisation.export" | "organisation.offboard" | "secret.rotate" | "key.create" | "key.revoke" | "role.grant" | "role.revoke" | "sign_in.set_address" | "sign_in.remove_address" | "sign_in.make_link" | "sign_in.enter" | "sign_in.leave" | "branch.create" | "branch.change" | "mentor.create" | "mentor.change" | "mentor.set_status" | "code.issue" | "code.rotate" | "code.invalidate" | "attribution.confirm" | "attribution.reverse" | "attribution.approve" | "attribution.reject" | "attribution.reassign" | "attribution.remove" | "click.remove" | "attribution.restore" | "member.relink" | "inbox.resolve" | "inbox.reopen" | "contacts.read" | "contacts.hand_over" | "badge.create" | "badge.change" | "badge.archive" | "badge.grant" | "badge.notify" | "milestones.set" | "milestones.backfill" | "endpoint.create" | "endpoint.change" | "endpoint.rotate_secret" | "endpoint.enable" | "endpoint.disable" | "endpoint.delete" | "endpoint.test" | "endpoint.replay" | "import.run" | "reconciliation.run" | "report.download" | "person.export" | "person.erase"; "subject_id"?: string; "actor"?: string; "from"?: string; "to"?: string } }; answer: { "data": AuditEntry[]; "next_cursor"?: string | null; "pagination"?: { "page": number; "limit": number; "total": number } } };
}

/** Method and path of each operation, and the media type of a body that is no JSON. */
export const routes = {
  listReferralCodes: ['GET', '/api/v1/referral-codes'],
  getOrCreateReferralCode: ['POST', '/api/v1/referral-codes'],
  getReferralCode: ['GET', '/api/v1/referral-codes/{id}'],
  rotateReferralCode: ['PUT', '/api/v1/referral-codes/{id}'],
  invalidateReferralCode: ['DELETE', '/api/v1/referral-codes/{id}'],
  getReferralCodeUrl: ['GET', '/api/v1/referral-codes/{id}/url'],
  getReferralCodeQrSvg: ['GET', '/api/v1/referral-codes/{id}/qr.svg'],
  getReferralCodeQrPng: ['GET', '/api/v1/referral-codes/{id}/qr.png'],
  getShareKit: ['GET', '/api/v1/referral-codes/{id}/share-kit'],
  listReferralCodeRecords: ['GET', '/api/v1/referral-code-records'],
  createReferralCodeRecord: ['POST', '/api/v1/referral-code-records'],
  getActiveReferralCodeRecord: ['GET', '/api/v1/referral-code-records/active'],
  lookUpReferralCodeRecord: ['GET', '/api/v1/referral-code-records/lookup'],
  getReferralCodeRecord: ['GET', '/api/v1/referral-code-records/{id}'],
  deactivateReferralCodeRecord: ['PUT', '/api/v1/referral-code-records/{id}'],
  deleteReferralCodeRecord: ['DELETE', '/api/v1/referral-code-records/{id}'],
  listShares: ['GET', '/api/v1/shares'],
  recordShare: ['POST', '/api/v1/shares'],
  getFunnelReport: ['GET', '/api/v1/reports/funnel'],
  getMentorsReport: ['GET', '/api/v1/reports/mentors'],
  getBranchesReport: ['GET', '/api/v1/reports/branches'],
  getChannelsReport: ['GET', '/api/v1/reports/channels'],
  getTimelineReport: ['GET', '/api/v1/reports/timeline'],
  getMentorStats: ['GET', '/api/v1/referral-attributions/mentor/{mentorId}/stats'],
  getMentorConversionRate: ['GET', '/api/v1/referral-attributions/mentor/{mentorId}/conversion-rate'],
  listReferralAttributions: ['GET', '/api/v1/referral-attributions'],
  recordReferralClick: ['POST', '/api/v1/referral-attributions'],
  listReferralAttributionsOfMentor: ['GET', '/api/v1/referral-attributions/mentor/{mentorId}'],
  getReferralAttribution: ['GET', '/api/v1/referral-attributions/{id}'],
  confirmReferralAttribution: ['PUT', '/api/v1/referral-attributions/{id}'],
  deleteReferralAttribution: ['DELETE', '/api/v1/referral-attributions/{id}'],
  getReferralAttributionExplanation: ['GET', '/api/v1/referral-attributions/{id}/explanation'],
  approveAttribution: ['POST', '/api/v1/referral-attributions/{id}/approve'],
  previewApproveAttribution: ['POST', '/api/v1/referral-attributions/{id}/approve/preview'],
  rejectAttribution: ['POST', '/api/v1/referral-attributions/{id}/reject'],
  previewRejectAttribution: ['POST', '/api/v1/referral-attributions/{id}/reject/preview'],
  reassignAttribution: ['POST', '/api/v1/referral-attributions/{id}/reassign'],
  previewReassignAttribution: ['POST', '/api/v1/referral-attributions/{id}/reassign/preview'],
  reverseAttribution: ['POST', '/api/v1/referral-attributions/{id}/reverse'],
  previewReverseAttribution: ['POST', '/api/v1/referral-attributions/{id}/reverse/preview'],
  restoreAttribution: ['POST', '/api/v1/referral-attributions/{id}/restore'],
  relinkMember: ['POST', '/api/v1/members/relink'],
  previewRelinkMember: ['POST', '/api/v1/members/relink/preview'],
  createRegistration: ['POST', '/api/v1/registrations'],
  listRegistrationContacts: ['GET', '/api/v1/registration-contacts'],
  handOverRegistrationContacts: ['POST', '/api/v1/registration-contacts/hand-over'],
  receiveMembershipDelivery: ['POST', '/api/v1/webhooks/membership/{organisation}'],
  receiveDataverseDelivery: ['POST', '/api/v1/webhooks/membership/{organisation}/dataverse'],
  getIntegration: ['GET', '/api/v1/integration'],
  listReconciliations: ['GET', '/api/v1/reconciliations'],
  startReconciliation: ['POST', '/api/v1/reconciliations'],
  checkMembershipSystem: ['POST', '/api/v1/reconciliations/check'],
  importMemberships: ['POST', '/api/v1/imports', 'text/csv'],
  listImports: ['GET', '/api/v1/imports'],
  getImport: ['GET', '/api/v1/imports/{id}'],
  listClaims: ['GET', '/api/v1/claims'],
  fileClaim: ['POST', '/api/v1/claims'],
  listInboxItems: ['GET', '/api/v1/inbox'],
  getInboxItem: ['GET', '/api/v1/inbox/{id}'],
  resolveInboxItem: ['POST', '/api/v1/inbox/{id}/resolve'],
  previewResolveInboxItem: ['POST', '/api/v1/inbox/{id}/resolve/preview'],
  reopenInboxItem: ['POST', '/api/v1/inbox/{id}/reopen'],
  listBadgeDefinitions: ['GET', '/api/v1/badge-definitions'],
  createBadgeDefinition: ['POST', '/api/v1/badge-definitions'],
  getBadgeDefinition: ['GET', '/api/v1/badge-definitions/{id}'],
  updateBadgeDefinition: ['PATCH', '/api/v1/badge-definitions/{id}'],
  archiveBadgeDefinition: ['DELETE', '/api/v1/badge-definitions/{id}'],
  listEarnedBadges: ['GET', '/api/v1/earned-badges'],
  grantBadge: ['POST', '/api/v1/earned-badges'],
  earnedBadgeExists: ['GET', '/api/v1/earned-badges/exists'],
  listEarnedBadgesByOrganisation: ['GET', '/api/v1/earned-badges/by-organisation'],
  listMilestones: ['GET', '/api/v1/milestones'],
  setMilestones: ['PUT', '/api/v1/milestones'],
  listMilestoneAwards: ['GET', '/api/v1/milestones/awards'],
  previewMilestoneBackfill: ['POST', '/api/v1/milestones/backfill/preview'],
  grantMilestoneBackfill: ['POST', '/api/v1/milestones/backfill'],
  listWebhookEndpoints: ['GET', '/api/v1/webhook-endpoints'],
  createWebhookEndpoint: ['POST', '/api/v1/webhook-endpoints'],
  getWebhookEndpoint: ['GET', '/api/v1/webhook-endpoints/{id}'],
  updateWebhookEndpoint: ['PATCH', '/api/v1/webhook-endpoints/{id}'],
  deleteWebhookEndpoint: ['DELETE', '/api/v1/webhook-endpoints/{id}'],
  enableWebhookEndpoint: ['POST', '/api/v1/webhook-endpoints/{id}/enable'],
  disableWebhookEndpoint: ['POST', '/api/v1/webhook-endpoints/{id}/disable'],
  rotateWebhookEndpointSecret: ['POST', '/api/v1/webhook-endpoints/{id}/rotate-secret'],
  testWebhookEndpoint: ['POST', '/api/v1/webhook-endpoints/{id}/test'],
  listWebhookDeliveries: ['GET', '/api/v1/webhook-endpoints/{id}/deliveries'],
  replayWebhookDeliveries: ['POST', '/api/v1/webhook-endpoints/{id}/replay'],
  getWebhookDelivery: ['GET', '/api/v1/webhook-deliveries/{id}'],
  replayWebhookDelivery: ['POST', '/api/v1/webhook-deliveries/{id}/replay'],
  streamEvents: ['GET', '/api/v1/events'],
  listOrganisations: ['GET', '/api/v1/organisations'],
  createOrganisation: ['POST', '/api/v1/organisations'],
  getOrganisation: ['GET', '/api/v1/organisations/{id}'],
  updateOrganisation: ['PATCH', '/api/v1/organisations/{id}'],
  listOrganisationSecrets: ['GET', '/api/v1/organisations/{id}/secrets'],
  rotateOrganisationSecret: ['POST', '/api/v1/organisations/{id}/secrets/rotate'],
  previewBrand: ['POST', '/api/v1/organisations/{id}/brand/preview'],
  setOrganisationLogo: ['PUT', '/api/v1/organisations/{id}/logo', 'image/*'],
  removeOrganisationLogo: ['DELETE', '/api/v1/organisations/{id}/logo'],
  getMe: ['GET', '/api/v1/me'],
  exportOrganisation: ['POST', '/api/v1/organisations/{id}/export'],
  previewOffboardOrganisation: ['POST', '/api/v1/organisations/{id}/offboard/preview'],
  offboardOrganisation: ['POST', '/api/v1/organisations/{id}/offboard'],
  listApiKeys: ['GET', '/api/v1/api-keys'],
  createApiKey: ['POST', '/api/v1/api-keys'],
  revokeApiKey: ['DELETE', '/api/v1/api-keys/{id}'],
  listMentors: ['GET', '/api/v1/mentors'],
  createMentor: ['POST', '/api/v1/mentors'],
  importMentors: ['POST', '/api/v1/mentors/import'],
  getMentor: ['GET', '/api/v1/mentors/{id}'],
  updateMentor: ['PATCH', '/api/v1/mentors/{id}'],
  listBranches: ['GET', '/api/v1/branches'],
  createBranch: ['POST', '/api/v1/branches'],
  getBranch: ['GET', '/api/v1/branches/{id}'],
  updateBranch: ['PATCH', '/api/v1/branches/{id}'],
  listRoles: ['GET', '/api/v1/roles'],
  grantRole: ['POST', '/api/v1/roles'],
  revokeRole: ['DELETE', '/api/v1/roles/{id}'],
  setSignInAddress: ['PUT', '/api/v1/sign-in-addresses/{user_id}'],
  removeSignInAddress: ['DELETE', '/api/v1/sign-in-addresses/{user_id}'],
  parseDeepLink: ['POST', '/api/v1/deep-links/parse'],
  exportPerson: ['POST', '/api/v1/privacy/export'],
  previewErasePerson: ['POST', '/api/v1/privacy/erase/preview'],
  erasePerson: ['POST', '/api/v1/privacy/erase'],
  listAuditEntries: ['GET', '/api/v1/audit'],
} as const satisfies Record<keyof Operations, readonly [method: string, path: string, mediaType?: string]>;
