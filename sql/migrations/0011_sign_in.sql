-- Signing in to the dashboard without a password: a link by e-mail that works once, then a session kept as a cookie.
--
-- Each row belongs to one organisation, also the session: an account that an organisation's administrator names can be another
-- organisation's too, and signing in here must open nothing there. So the claims of such a session say `verve_org`.

create table verve.sign_in_addresses (
  org_id uuid not null references verve.organisations (id),
  user_id uuid not null,
  address_index bytea not null,
  sealed bytea not null,
  created_at timestamptz(3) not null default verve.clock(),
  constraint sign_in_addresses_one_a_person primary key (org_id, user_id),
  constraint sign_in_addresses_belong_to_one_person unique (org_id, address_index)
);
select verve_private.guard('verve.sign_in_addresses');

-- Links that wait to be used. A used one is deleted, so that it works once.
create table verve.sign_in_links (
  id uuid not null default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  user_id uuid not null,
  token_hash bytea not null,
  created_at timestamptz(3) not null default verve.clock(),
  expires_at timestamptz(3) not null,
  constraint sign_in_links_pkey primary key (org_id, id),
  constraint sign_in_links_token_is_unique unique (org_id, token_hash)
);
select verve_private.guard('verve.sign_in_links');
create index sign_in_links_by_user on verve.sign_in_links (org_id, user_id, created_at);

-- One row a browser that is signed in. Signing out deletes it.
create table verve.sign_in_sessions (
  id uuid not null default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  user_id uuid not null,
  token_hash bytea not null,
  former_token_hash bytea, -- null = the token was never renewed
  created_at timestamptz(3) not null default verve.clock(),
  renewed_at timestamptz(3) not null default verve.clock(),
  last_seen_at timestamptz(3) not null default verve.clock(), -- exact to the hour
  expires_at timestamptz(3) not null,
  constraint sign_in_sessions_pkey primary key (org_id, id),
  constraint sign_in_sessions_token_is_unique unique (org_id, token_hash)
);
select verve_private.guard('verve.sign_in_sessions');
create index sign_in_sessions_by_former_token on verve.sign_in_sessions (org_id, former_token_hash) where former_token_hash is not null;
create index sign_in_sessions_by_user on verve.sign_in_sessions (org_id, user_id);

comment on column verve.sign_in_addresses.user_id is 'personal: identifier; purpose: signs a person in; retention: while the person has a role or is a mentor';
comment on column verve.sign_in_addresses.address_index is 'personal: pseudonym; purpose: finds who asks for a link; retention: while the person has a role or is a mentor';
comment on column verve.sign_in_addresses.sealed is 'personal: e-mail; purpose: links are sent there; retention: while the person has a role or is a mentor';
comment on column verve.sign_in_links.user_id is 'personal: identifier; purpose: whom the link signs in; retention: until used, at most a day';
comment on column verve.sign_in_sessions.user_id is 'personal: identifier; purpose: who is signed in; retention: until signed out, at most 90 days';

-- For the start of a server: the ids of the secrets without which something stored cannot be opened or recognised. A sealed
-- value carries the id of its secret after its first byte.
create function verve_private.secrets_in_use() returns setof text
language sql stable security definer set search_path = ''
as $$
  with sealed (value) as (
    select organisation_secrets.sealed from verve.organisation_secrets
      where organisation_secrets.expires_at is null or organisation_secrets.expires_at > verve.clock()
    union all select webhook_endpoints.sealed_secret from verve.webhook_endpoints where webhook_endpoints.status <> 'deleted'
    union all select webhook_endpoints.previous_sealed_secret from verve.webhook_endpoints
      where webhook_endpoints.status <> 'deleted' and webhook_endpoints.previous_secret_until > verve.clock()
    union all select inbound_messages.sealed_body from verve.inbound_messages where inbound_messages.status = 'received'
    union all select imports.sealed_file from verve.imports where imports.sealed_file is not null
    union all select registration_contacts.sealed from verve.registration_contacts
    union all select sign_in_addresses.sealed from verve.sign_in_addresses
  )
  select erasures.key_id from verve.erasures
  union select encode(substring(sealed.value from 2 for 4), 'hex') from sealed where length(sealed.value) > 5
$$;

select verve_private.revoke_default_grants();
revoke all on function verve_private.secrets_in_use() from authenticated;
grant execute on function verve_private.secrets_in_use() to verve_app;
