-- Referral codes: one active code per owner, no string ever twice.

-- The one global uniqueness: a code string belongs to one organisation, in every status, for ever. Of an organisation that
-- has left, the strings alone stay, with nothing that says whose they were: nobody gets them again.
create table verve.code_directory (
  code text primary key,
  org_id uuid references verve.organisations (id) on delete set null, -- null = the organisation has left
  constraint code_directory_stays_in_its_organisation unique (org_id, code),
  constraint code_directory_code_is_crockford check (code ~ '^[0-9A-HJKMNP-TV-Z]{8,12}$')
);
select verve_private.guard('verve.code_directory');

create table verve.referral_codes (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  owner_model text not null default 'mentor',
  owner_ref text not null,
  mentor_id uuid generated always as (case when owner_model = 'mentor' then owner_ref::uuid end) stored,
  code text not null,
  status text not null default 'active',
  secret_version int, -- null = the host gave the string itself
  rotation_sequence int not null,
  attempt int not null default 0,
  referral_url text, -- null = no link domain was set when the code was made
  created_at timestamptz(3) not null default verve.clock(),
  expires_at timestamptz(3), -- null = no lifetime
  rotated_at timestamptz(3),
  invalidated_at timestamptz(3),
  invalidated_reason text,
  ended_by text, -- as what somebody rotated or invalidated it; null = still active, or it expired
  constraint referral_codes_stay_in_their_organisation unique (org_id, id),
  constraint referral_codes_stay_with_their_owner unique (org_id, id, owner_model, owner_ref),
  constraint referral_codes_code_is_never_used_again unique (code),
  constraint referral_codes_code_is_in_the_directory foreign key (org_id, code) references verve.code_directory (org_id, code),
  constraint referral_codes_mentor_in_same_organisation foreign key (org_id, mentor_id) references verve.mentors (org_id, id),
  constraint referral_codes_rotation_sequence_is_used_once unique (org_id, owner_model, owner_ref, rotation_sequence),
  constraint referral_codes_status_is_known check (status in ('active', 'rotated', 'invalidated')),
  constraint referral_codes_rotated_at_matches_status check ((status = 'rotated') = (rotated_at is not null)),
  constraint referral_codes_invalidated_at_matches_status check ((status = 'invalidated') = (invalidated_at is not null)),
  constraint referral_codes_ended_by_is_known
    check (ended_by in ('system', 'key', 'org_admin', 'coordinator', 'peer_mentor')),
  constraint referral_codes_counts_are_not_negative check (rotation_sequence >= 0 and attempt >= 0)
);
select verve_private.guard('verve.referral_codes');
create unique index referral_codes_one_active_per_owner on verve.referral_codes (org_id, owner_model, owner_ref) where status = 'active';
create index referral_codes_newest_first on verve.referral_codes (org_id, created_at desc, id desc);
create index referral_codes_by_mentor on verve.referral_codes (org_id, mentor_id, created_at desc);

create function verve_private.find_code(wanted text) returns table (org_id uuid, code_id uuid)
language sql stable security definer set search_path = ''
as $$
  select referral_codes.org_id, referral_codes.id
  from verve.referral_codes
  join verve.organisations on organisations.id = referral_codes.org_id and organisations.offboarded_at is null
  where referral_codes.code = wanted
$$;
revoke all on function verve_private.find_code(text) from public;
grant execute on function verve_private.find_code(text) to verve_app, verve_engine;
