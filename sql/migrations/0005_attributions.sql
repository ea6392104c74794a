-- What is credited, to whom, and every statement that led to it.

-- A membership, or whatever else is credited. The member id stands here and nowhere else.
create table verve.sources (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  model text not null default 'membership',
  ref text, -- null = erased
  merged_into uuid, -- null = not merged; facts that name this one reach the other
  -- The order key of the newest applied fact (spec §2.16): time, then kind with reversal last, then arrival.
  newest_fact_at timestamptz(3),
  newest_fact_rank smallint,
  created_at timestamptz(3) not null default verve.clock(),
  erased_at timestamptz(3),
  constraint sources_one_per_reference unique (org_id, model, ref),
  constraint sources_stay_in_their_organisation unique (org_id, id, model),
  constraint sources_merge_within_organisation foreign key (org_id, merged_into, model) references verve.sources (org_id, id, model),
  constraint sources_are_not_merged_into_themselves check (merged_into is distinct from id),
  constraint sources_reference_is_short check (length(ref) between 1 and 128),
  constraint sources_model_is_named check (length(model) between 1 and 64),
  constraint sources_erased_have_no_reference check (erased_at is null or ref is null)
);
select verve_private.guard('verve.sources');
create index sources_by_merged_into on verve.sources (org_id, merged_into, model) where merged_into is not null;

-- Each entry in an index and each check of a key is paid by every confirmation: here stands what a query reads, what an
-- organisation's foreign keys need, and no more. That the organisation exists follows from the code's key.
create table verve.referral_attributions (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  code_id uuid not null,
  owner_model text not null,
  owner_ref text not null,
  mentor_id uuid generated always as (case when owner_model = 'mentor' then owner_ref::uuid end) stored,
  source_model text not null default 'membership',
  source_id uuid, -- null = the registration has not been tied to a member yet
  is_counted boolean not null, -- whether the organisation counts this source model
  status text not null,
  review_state text not null default 'none',
  flags text[] not null default '{}',
  linked_by text, -- null = not linked to a source yet
  registration_ref text, -- null = no registration of ours stands behind it
  is_registration_implied boolean not null default false,
  registered_at timestamptz(3) not null,
  registered_day date not null,
  registration_recorded_at timestamptz(3) not null default verve.clock(),
  click_id uuid, -- no foreign key: clicks are dropped by partition
  clicked_at timestamptz(3),
  clicked_day date,
  click_channel text,
  confirmed_at timestamptz(3),
  confirmed_day date,
  confirmation_recorded_at timestamptz(3),
  credited_at timestamptz(3),
  credited_day date,
  branch_id uuid, -- the mentor's branch at credit
  reversed_at timestamptz(3),
  rejected_at timestamptz(3),
  rejection_reason text,
  removed_at timestamptz(3),
  removal_reason text,
  reassignment_reason text, -- why a coordinator moved the recruitment to this row
  superseded_at timestamptz(3),
  superseded_by uuid,
  created_at timestamptz(3) not null default verve.clock(),
  updated_at timestamptz(3) not null default verve.clock(),
  is_credited boolean generated always as (
    status = 'confirmed' and review_state in ('none', 'approved') and removed_at is null and superseded_at is null
  ) stored,
  constraint referral_attributions_stay_in_their_organisation unique (org_id, id),
  constraint referral_attributions_owner_is_the_codes_owner
    foreign key (org_id, code_id, owner_model, owner_ref) references verve.referral_codes (org_id, id, owner_model, owner_ref),
  constraint referral_attributions_source_in_same_organisation
    foreign key (org_id, source_id, source_model) references verve.sources (org_id, id, model),
  constraint referral_attributions_branch_in_same_organisation foreign key (org_id, branch_id) references verve.branches (org_id, id),
  constraint referral_attributions_successor_in_same_organisation
    foreign key (org_id, superseded_by) references verve.referral_attributions (org_id, id) deferrable initially deferred,
  constraint referral_attributions_status_is_known check (status in ('pending', 'confirmed', 'rejected', 'reversed')),
  constraint referral_attributions_review_state_is_known
    check (review_state in ('none', 'waiting', 'approved', 'rejected', 'withdrawn')),
  constraint referral_attributions_flags_are_known
    check (flags <@ array['same_device', 'velocity', 'code_mismatch', 'late_after_end', 'code_order']),
  constraint referral_attributions_linked_by_is_known
    check (linked_by in ('member', 'registration_ref', 'code_order', 'implied', 'reassigned', 'claim')),
  constraint referral_attributions_decided_have_a_source check (status = 'pending' or source_id is not null),
  constraint referral_attributions_linked_have_a_source check ((linked_by is null) = (source_id is null)),
  constraint referral_attributions_confirmed_have_a_time check (status not in ('confirmed', 'reversed') or confirmed_at is not null),
  constraint referral_attributions_reversed_have_a_time check (status <> 'reversed' or reversed_at is not null),
  constraint referral_attributions_rejected_have_a_time check (status <> 'rejected' or rejected_at is not null),
  constraint referral_attributions_pending_are_not_reviewed check (status <> 'pending' or review_state = 'none'),
  constraint referral_attributions_removed_have_a_reason check ((removed_at is null) = (removal_reason is null)),
  constraint referral_attributions_credit_has_a_day check ((credited_at is null) = (credited_day is null)),
  constraint referral_attributions_confirmation_has_a_day check ((confirmed_at is null) = (confirmed_day is null))
);
select verve_private.guard('verve.referral_attributions');
create unique index referral_attributions_one_current_per_source on verve.referral_attributions (org_id, source_id) where superseded_at is null;
create unique index referral_attributions_one_per_click on verve.referral_attributions (org_id, click_id) where click_id is not null and superseded_at is null;
create unique index referral_attributions_registration_ref_is_unique on verve.referral_attributions (org_id, registration_ref)
  where registration_ref is not null;
create index referral_attributions_pending_by_code on verve.referral_attributions (org_id, code_id, source_model, registered_at, id)
  where status = 'pending' and source_id is null and removed_at is null and superseded_at is null;
create index referral_attributions_newest_first on verve.referral_attributions (org_id, created_at desc, id desc);
create index referral_attributions_by_mentor on verve.referral_attributions (org_id, mentor_id, created_at desc, id desc);
create index referral_attributions_registrations_by_arrival on verve.referral_attributions (org_id, mentor_id, registration_recorded_at)
  where not is_registration_implied;
create index referral_attributions_confirmations_by_arrival on verve.referral_attributions (org_id, mentor_id, confirmation_recorded_at)
  where confirmation_recorded_at is not null;
-- Reports read these three alone (index-only scans): their conditions are word for word those of sql/migrations/0010_reports.sql.
create index referral_attributions_by_registered_day on verve.referral_attributions (org_id, registered_day)
  include (mentor_id, clicked_at, registered_at, is_registration_implied, click_channel)
  where is_counted and superseded_at is null and removed_at is null;
create index referral_attributions_by_confirmed_day on verve.referral_attributions (org_id, confirmed_day)
  include (mentor_id, registered_at, confirmed_at, is_registration_implied)
  where status = 'confirmed' and is_counted and superseded_at is null and removed_at is null;
create index referral_attributions_by_credited_day on verve.referral_attributions (org_id, credited_day)
  include (mentor_id, clicked_at, click_channel, branch_id)
  where is_credited and is_counted;
create index referral_attributions_by_successor on verve.referral_attributions (org_id, superseded_by) where superseded_by is not null;
create index referral_attributions_in_review on verve.referral_attributions (org_id, mentor_id) where review_state = 'waiting';

-- Every inbound statement, in the order of arrival, with what became of it.
create table verve.attribution_facts (
  seq bigint generated always as identity,
  id uuid not null default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  source_id uuid, -- null = the statement named no member
  source_model text not null default 'membership',
  attribution_id uuid, -- null = kept, and waits
  kind text not null,
  code text, -- as it was read; null = none was named
  code_id uuid, -- null = none, unknown, or another organisation's
  registration_ref text,
  registered_at timestamptz(3),
  occurred_at timestamptz(3) not null,
  received_at timestamptz(3) not null default verve.clock(),
  via text not null,
  source_ref text, -- the sender's own name for the statement
  membership_type text,
  reason text,
  actor text not null,
  outcome text not null,
  is_applied boolean not null,
  primary key (org_id, seq),
  constraint attribution_facts_source_in_same_organisation
    foreign key (org_id, source_id, source_model) references verve.sources (org_id, id, model),
  constraint attribution_facts_attribution_in_same_organisation
    foreign key (org_id, attribution_id) references verve.referral_attributions (org_id, id),
  constraint attribution_facts_code_in_same_organisation
    foreign key (org_id, code_id) references verve.referral_codes (org_id, id),
  constraint attribution_facts_kind_is_known check (kind in ('registered', 'confirmed', 'rejected', 'reversed')),
  constraint attribution_facts_via_is_known check (via in ('webhook', 'poll', 'import', 'api', 'person')),
  constraint attribution_facts_strings_are_short
    check (length(code) <= 64 and length(registration_ref) <= 128 and length(source_ref) <= 256
      and length(membership_type) <= 64 and length(reason) <= 64)
);
select verve_private.guard('verve.attribution_facts');
create index attribution_facts_by_source on verve.attribution_facts (org_id, source_id, seq) where source_id is not null;
create index attribution_facts_waiting_by_reference on verve.attribution_facts (org_id, registration_ref)
  where registration_ref is not null and attribution_id is null;
create index attribution_facts_waiting on verve.attribution_facts (org_id, source_id)
  where source_id is not null and attribution_id is null;
create index attribution_facts_by_attribution on verve.attribution_facts (org_id, attribution_id, seq) where attribution_id is not null;

create table verve.reviews (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  attribution_id uuid not null,
  state text not null default 'waiting',
  flags text[] not null default '{}',
  required_roles text[] not null default '{coordinator}', -- one approval each, from different people
  reason_code text,
  reason_text text,
  decided_by text,
  opened_at timestamptz(3) not null default verve.clock(),
  decided_at timestamptz(3),
  constraint reviews_stay_in_their_organisation unique (org_id, id),
  constraint reviews_attribution_in_same_organisation
    foreign key (org_id, attribution_id) references verve.referral_attributions (org_id, id),
  constraint reviews_state_is_known check (state in ('waiting', 'approved', 'rejected', 'withdrawn')),
  constraint reviews_decided_have_a_time check ((state = 'waiting') = (decided_at is null)),
  constraint reviews_rejected_have_a_reason check ((state = 'rejected') = (reason_code is not null)),
  constraint reviews_reason_is_known check (reason_code in
    ('self_referral', 'duplicate', 'not_a_new_member', 'not_eligible', 'suspected_fraud', 'other')),
  constraint reviews_other_needs_text check (reason_code is distinct from 'other' or length(btrim(reason_text)) > 0),
  constraint reviews_need_an_approval check (cardinality(required_roles) between 1 and 5)
);
select verve_private.guard('verve.reviews');
create unique index reviews_one_open_per_attribution on verve.reviews (org_id, attribution_id) where state = 'waiting';
create index reviews_by_attribution on verve.reviews (org_id, attribution_id, opened_at);

create table verve.review_approvals (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  review_id uuid not null,
  approver text not null,
  role text not null,
  approved_at timestamptz(3) not null default verve.clock(),
  constraint review_approvals_review_in_same_organisation foreign key (org_id, review_id) references verve.reviews (org_id, id),
  constraint review_approvals_one_per_person unique (org_id, review_id, approver)
);
select verve_private.guard('verve.review_approvals');

create table verve.inbox_items (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  kind text not null,
  source_id uuid,
  source_model text not null default 'membership',
  code text not null default '', -- as received; '' = the case is about no code
  subject text not null default '', -- what else tells two cases apart: a claim's or an endpoint's id
  mentor_id uuid, -- whose branch may see it; null = the whole organisation
  attribution_id uuid,
  fact_seq bigint,
  details jsonb not null default '{}',
  status text not null default 'open',
  opened_at timestamptz(3) not null default verve.clock(),
  resolved_at timestamptz(3),
  resolution text,
  resolution_reason text,
  resolved_by text,
  constraint inbox_items_one_per_case unique nulls not distinct (org_id, kind, source_id, code, subject),
  constraint inbox_items_stay_in_their_organisation unique (org_id, id),
  constraint inbox_items_source_in_same_organisation
    foreign key (org_id, source_id, source_model) references verve.sources (org_id, id, model),
  constraint inbox_items_mentor_in_same_organisation foreign key (org_id, mentor_id) references verve.mentors (org_id, id),
  constraint inbox_items_fact_in_same_organisation foreign key (org_id, fact_seq) references verve.attribution_facts (org_id, seq),
  constraint inbox_items_attribution_in_same_organisation
    foreign key (org_id, attribution_id) references verve.referral_attributions (org_id, id),
  constraint inbox_items_kind_is_known check (kind in
    ('unknown_code', 'conflict', 'foreign_code', 'self_referral', 'code_ended', 'not_eligible', 'claim', 'stuck_delivery')),
  constraint inbox_items_status_is_known check (status in ('open', 'resolved')),
  constraint inbox_items_resolved_have_a_time check ((status = 'resolved') = (resolved_at is not null)),
  constraint inbox_items_resolved_say_how check ((status = 'resolved') = (resolution is not null)),
  constraint inbox_items_resolution_is_known check (resolution in
    ('attached', 'code_corrected', 'reassigned', 'accepted', 'declined', 'dismissed', 'settled'))
);
select verve_private.guard('verve.inbox_items');
create index inbox_items_open on verve.inbox_items (org_id, opened_at, id) where status = 'open';
create index inbox_items_by_mentor on verve.inbox_items (org_id, mentor_id);
create index inbox_items_by_source on verve.inbox_items (org_id, source_id, source_model) where source_id is not null;
create index inbox_items_by_attribution on verve.inbox_items (org_id, attribution_id) where attribution_id is not null;
create index inbox_items_by_fact on verve.inbox_items (org_id, fact_seq) where fact_seq is not null;

create table verve.claims (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  claimant text not null,
  mentor_id uuid, -- null = the claimant did not know which mentor
  source_id uuid, -- null = the claimant named no member
  source_model text not null default 'membership',
  code text,
  met_on date, -- the day on which they met, in the organisation's zone
  channel text,
  status text not null default 'open',
  decided_by text,
  decision_reason text,
  attribution_id uuid,
  filed_by text not null,
  filed_at timestamptz(3) not null default verve.clock(),
  decided_at timestamptz(3),
  constraint claims_stay_in_their_organisation unique (org_id, id),
  constraint claims_mentor_in_same_organisation foreign key (org_id, mentor_id) references verve.mentors (org_id, id),
  constraint claims_source_in_same_organisation foreign key (org_id, source_id, source_model) references verve.sources (org_id, id, model),
  constraint claims_attribution_in_same_organisation
    foreign key (org_id, attribution_id) references verve.referral_attributions (org_id, id),
  constraint claims_claimant_is_known check (claimant in ('mentor', 'member', 'coordinator')),
  constraint claims_status_is_known check (status in ('open', 'accepted', 'declined')),
  constraint claims_decided_have_a_time check ((status = 'open') = (decided_at is null))
);
select verve_private.guard('verve.claims');
create index claims_by_mentor on verve.claims (org_id, mentor_id);
create index claims_by_source on verve.claims (org_id, source_id, source_model) where source_id is not null;
create index claims_by_attribution on verve.claims (org_id, attribution_id) where attribution_id is not null;

-- The counter that the crediting transaction raises last: never derived, always checked by `verify`.
create table verve.mentor_totals (
  org_id uuid not null references verve.organisations (id),
  mentor_id uuid not null,
  credited int not null default 0,
  updated_at timestamptz(3) not null default verve.clock(),
  primary key (org_id, mentor_id),
  constraint mentor_totals_mentor_in_same_organisation foreign key (org_id, mentor_id) references verve.mentors (org_id, id),
  constraint mentor_totals_are_not_negative check (credited >= 0)
);
select verve_private.guard('verve.mentor_totals');

create table verve.milestones (
  org_id uuid not null references verve.organisations (id),
  threshold int not null,
  created_at timestamptz(3) not null default verve.clock(),
  primary key (org_id, threshold),
  constraint milestones_count_from_one check (threshold >= 1)
);
select verve_private.guard('verve.milestones');

create table verve.milestone_awards (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  mentor_id uuid not null,
  threshold int not null,
  reached_count int not null,
  origin text not null default 'crossing',
  awarded_at timestamptz(3) not null default verve.clock(),
  constraint milestone_awards_once_per_mentor unique (org_id, mentor_id, threshold),
  constraint milestone_awards_stay_in_their_organisation unique (org_id, id),
  constraint milestone_awards_mentor_in_same_organisation foreign key (org_id, mentor_id) references verve.mentors (org_id, id),
  constraint milestone_awards_origin_is_known check (origin in ('crossing', 'backfill'))
);
select verve_private.guard('verve.milestone_awards');

create table verve.badge_definitions (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  name text not null,
  icon_key text not null default 'medal',
  criteria_type text not null default 'recruiting_milestone',
  criteria_value int not null,
  description text not null default '',
  created_at timestamptz(3) not null default verve.clock(),
  updated_at timestamptz(3) not null default verve.clock(),
  archived_at timestamptz(3),
  constraint badge_definitions_name_is_unique unique (org_id, name),
  constraint badge_definitions_stay_in_their_organisation unique (org_id, id),
  constraint badge_definitions_criteria_type_is_known check (criteria_type in ('recruiting_milestone')),
  constraint badge_definitions_count_from_one check (criteria_value >= 1),
  constraint badge_definitions_name_is_given check (length(btrim(name)) between 1 and 100)
);
select verve_private.guard('verve.badge_definitions');
create index badge_definitions_by_threshold on verve.badge_definitions (org_id, criteria_value);

create table verve.earned_badges (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  mentor_id uuid not null,
  badge_definition_id uuid not null,
  earned_at timestamptz(3) not null default verve.clock(),
  notification_sent boolean not null default false,
  awarded_by text not null default 'system',
  constraint earned_badges_once_per_mentor unique (org_id, mentor_id, badge_definition_id),
  constraint earned_badges_mentor_in_same_organisation foreign key (org_id, mentor_id) references verve.mentors (org_id, id),
  constraint earned_badges_definition_in_same_organisation
    foreign key (org_id, badge_definition_id) references verve.badge_definitions (org_id, id),
  constraint earned_badges_awarded_by_is_known check (awarded_by in ('system', 'admin'))
);
select verve_private.guard('verve.earned_badges');
create index earned_badges_by_definition on verve.earned_badges (org_id, badge_definition_id);

comment on column verve.sources.ref is 'personal: member id; purpose: ties facts of one member together; retention: until erased';
comment on column verve.attribution_facts.source_ref is 'personal: sender''s reference; purpose: proof of where a fact came from; retention: until erased';
comment on column verve.attribution_facts.code is 'personal: may hold what a person typed; purpose: suggests the right code; retention: until erased';
comment on column verve.inbox_items.code is 'personal: may hold what a person typed; purpose: suggests the right code; retention: until erased';
comment on column verve.referral_attributions.removal_reason is 'personal: free text of an administrator; purpose: says why; retention: until erased';
comment on column verve.referral_attributions.reassignment_reason is 'personal: free text of a coordinator; purpose: says why; retention: until erased';
comment on column verve.referral_attributions.registration_ref is 'personal: random reference; purpose: ties a registration to its confirmation; retention: until erased';
comment on column verve.attribution_facts.registration_ref is 'personal: random reference; purpose: ties a registration to its confirmation; retention: until erased';
comment on column verve.attribution_facts.reason is 'personal: free text by a person; purpose: record of a decision; retention: until erased';
comment on column verve.inbox_items.resolution_reason is 'personal: free text by a coordinator; purpose: record of a decision; retention: until erased';
comment on column verve.claims.code is 'personal: may hold what a person typed; purpose: finds the mentor; retention: until erased';
comment on column verve.claims.met_on is 'personal: a day of a person''s life; purpose: finds the mentor; retention: until erased';
comment on column verve.claims.decision_reason is 'personal: free text by a coordinator; purpose: record of a decision; retention: until erased';
comment on column verve.reviews.reason_text is 'personal: free text by a coordinator; purpose: record of a decision; retention: until erased';
