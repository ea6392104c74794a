-- The tenant, its secrets, its tree of branches, its mentors, the people who may look, and API keys.

create table verve.organisations (
  id uuid primary key default gen_random_uuid(),
  slug text not null,
  name text not null,
  locale text not null default 'nb',
  time_zone text not null default 'Europe/Oslo',
  settings jsonb not null default '{}',
  terms jsonb not null default '{}',
  brand jsonb not null default '{}',
  logo bytea,
  logo_type text,
  join_url_template text,
  link_domains text[] not null default '{}',
  app_ids jsonb not null default '[]',
  created_at timestamptz(3) not null default verve.clock(),
  updated_at timestamptz(3) not null default verve.clock(),
  offboarded_at timestamptz(3),
  constraint organisations_slug_is_unique unique (slug),
  constraint organisations_slug_is_a_word check (slug ~ '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$'),
  constraint organisations_name_is_given check (length(btrim(name)) between 1 and 200),
  constraint organisations_locale_is_known check (locale in ('nb', 'nn', 'en')),
  constraint organisations_settings_are_an_object check (jsonb_typeof(settings) = 'object'),
  constraint organisations_logo_has_a_type check ((logo is null) = (logo_type is null))
);
select verve_private.guard('verve.organisations', 'id');
create index organisations_link_domains on verve.organisations using gin (link_domains);

-- Versioned secrets, sealed with the key from the environment. 'code' makes referral codes; 'webhook_signing' and
-- 'webhook_key' admit inbound deliveries (two are valid during a rotation, until expires_at).
create table verve.organisation_secrets (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  purpose text not null,
  version int not null,
  sealed bytea not null,
  created_at timestamptz(3) not null default verve.clock(),
  expires_at timestamptz(3), -- null = no deadline
  constraint organisation_secrets_one_per_version unique (org_id, purpose, version),
  constraint organisation_secrets_purpose_is_known
    check (purpose in ('code', 'webhook_signing', 'webhook_key', 'dataverse_client')),
  constraint organisation_secrets_version_counts_from_one check (version >= 1)
);
select verve_private.guard('verve.organisation_secrets');

-- A host chooses the ids of branches and mentors, so they are its own affair: whether another organisation has the same one must
-- not show.
create table verve.branches (
  id uuid not null default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  parent_id uuid, -- null = directly under the organisation
  name text not null,
  kind text not null default 'local',
  created_at timestamptz(3) not null default verve.clock(),
  constraint branches_stay_in_their_organisation primary key (org_id, id),
  constraint branches_parent_in_same_organisation foreign key (org_id, parent_id) references verve.branches (org_id, id),
  constraint branches_name_is_unique_among_siblings unique nulls not distinct (org_id, parent_id, name),
  constraint branches_are_not_their_own_parent check (parent_id is distinct from id),
  constraint branches_kind_is_known check (kind in ('county', 'local', 'other')),
  constraint branches_name_is_given check (length(btrim(name)) between 1 and 200)
);
select verve_private.guard('verve.branches');
create index branches_by_parent on verve.branches (org_id, parent_id);

create table verve.mentors (
  id uuid not null default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  user_id uuid, -- null = has no account yet
  display_name text not null,
  branch_id uuid, -- null = belongs to the organisation itself
  status text not null default 'active',
  member_id_hash bytea, -- null = not known
  device_token_hash bytea, -- null = the code was never asked for from an app
  leaderboard_opt_in boolean not null default false,
  created_at timestamptz(3) not null default verve.clock(),
  updated_at timestamptz(3) not null default verve.clock(),
  left_at timestamptz(3),
  constraint mentors_stay_in_their_organisation primary key (org_id, id),
  constraint mentors_one_per_user unique (org_id, user_id),
  constraint mentors_branch_in_same_organisation foreign key (org_id, branch_id) references verve.branches (org_id, id),
  constraint mentors_status_is_known check (status in ('active', 'paused', 'left')),
  constraint mentors_left_at_matches_status check ((status = 'left') = (left_at is not null)),
  constraint mentors_name_is_given check (length(btrim(display_name)) between 1 and 200)
);
select verve_private.guard('verve.mentors');
create index mentors_by_branch on verve.mentors (org_id, branch_id);
create index mentors_by_user on verve.mentors (user_id) where user_id is not null;
create index mentors_newest_first on verve.mentors (org_id, created_at desc, id desc);
create index mentors_by_member_id_hash on verve.mentors (org_id, member_id_hash) where member_id_hash is not null;

create table verve.roles (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  user_id uuid not null,
  role text not null,
  branch_id uuid, -- null = the whole organisation
  created_at timestamptz(3) not null default verve.clock(),
  constraint roles_held_once unique nulls not distinct (org_id, user_id, role, branch_id),
  constraint roles_branch_in_same_organisation foreign key (org_id, branch_id) references verve.branches (org_id, id),
  constraint roles_role_is_known check (role in ('peer_mentor', 'coordinator', 'org_admin')),
  constraint roles_only_coordinators_have_a_branch check (branch_id is null or role = 'coordinator')
);
select verve_private.guard('verve.roles');
create index roles_by_user on verve.roles (user_id, role);
create index roles_by_branch on verve.roles (org_id, branch_id) where branch_id is not null;

create table verve.api_keys (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  name text not null,
  key_hash bytea not null,
  prefix text not null,
  scopes text[] not null,
  created_by text,
  created_at timestamptz(3) not null default verve.clock(),
  expires_at timestamptz(3), -- null = until revoked
  last_used_at timestamptz(3),
  revoked_at timestamptz(3),
  constraint api_keys_hash_is_unique unique (key_hash),
  constraint api_keys_have_a_scope check (cardinality(scopes) > 0)
);
select verve_private.guard('verve.api_keys');
create index api_keys_newest_first on verve.api_keys (org_id, created_at desc, id desc);

comment on column verve.organisations.settings is 'personal: e-mail addresses in digest.mailTo; purpose: tells coordinators that the inbox waits; retention: until taken off the list';
comment on column verve.mentors.user_id is 'personal: identifier; purpose: signs the mentor in; retention: setting leftMentorDays after leaving';
comment on column verve.mentors.display_name is 'personal: name; purpose: shown to coordinators; retention: setting leftMentorDays after leaving';
comment on column verve.mentors.member_id_hash is 'personal: pseudonym; purpose: refuses self-referral; retention: setting leftMentorDays after leaving';
comment on column verve.mentors.device_token_hash is 'personal: pseudonym; purpose: flags a registration from the same device; retention: setting leftMentorDays after leaving';
comment on column verve.roles.user_id is 'personal: identifier; purpose: authorises a person; retention: while the role is held';

-- Look-ups before the organisation is known. Each returns ids only.
create function verve_private.find_organisation_by_slug(wanted text) returns uuid
language sql stable security definer set search_path = ''
as $$ select organisations.id from verve.organisations where organisations.slug = wanted and organisations.offboarded_at is null $$;

-- An organisation answers for a host only when no other allow-lists the same one.
create function verve_private.find_organisation_by_host(wanted text) returns uuid
language sql stable security definer set search_path = ''
as $$
  select case when count(*) = 1 then min(organisations.id::text)::uuid end
  from verve.organisations where organisations.link_domains @> array[lower(wanted)] and organisations.offboarded_at is null
$$;

create function verve_private.find_api_key(wanted bytea) returns table (org_id uuid, api_key_id uuid)
language sql stable security definer set search_path = ''
as $$ select api_keys.org_id, api_keys.id from verve.api_keys where api_keys.key_hash = wanted $$;

-- For the scheduler and for operators: which organisations there are, newest first; all, or a page of those made before one. Ids only.
create function verve_private.organisation_ids(before timestamptz default null, before_id uuid default null, most int default null)
returns setof uuid
language sql stable security definer set search_path = ''
as $$
  select organisations.id from verve.organisations
  where organisations.offboarded_at is null and (before is null or (organisations.created_at, organisations.id) < (before, before_id))
  order by organisations.created_at desc, organisations.id desc limit most
$$;

-- Those that have left and whose rows are still to be deleted. Ids only.
create function verve_private.leaving_organisation_ids() returns setof uuid
language sql stable security definer set search_path = ''
as $$ select organisations.id from verve.organisations where organisations.offboarded_at is not null order by organisations.id $$;

revoke all on function verve_private.find_organisation_by_slug(text), verve_private.find_organisation_by_host(text),
  verve_private.find_api_key(bytea), verve_private.organisation_ids(timestamptz, uuid, int), verve_private.leaving_organisation_ids() from public;
grant execute on function verve_private.find_organisation_by_slug(text), verve_private.find_organisation_by_host(text),
  verve_private.find_api_key(bytea), verve_private.organisation_ids(timestamptz, uuid, int), verve_private.leaving_organisation_ids()
  to verve_app, verve_engine;
