/** How grave: a `fault` is to be mended before people come; a `notice` is worth knowing. */
export type Level = 'fault' | 'notice';

interface Kind {
  readonly level: Level;
  /** Why it matters. */
  readonly why: string;
}

const fault = (why: string): Kind => ({ level: 'fault', why });
const notice = (why: string): Kind => ({ level: 'notice', why });

/** Everything that the doctor can find, in the order in which it looks. docs/doctor.md is made from this table. */
export const PROBLEMS = {
  public_url_missing: notice(
    'Links, QR codes and pages carry this address: without it they lead to this machine only.',
  ),
  public_url_not_https: fault(
    'Over http everybody on the way reads keys, codes and sign-up forms, and phones open no app links.',
  ),
  public_url_unreachable: fault('Nobody can open a link, and the membership system cannot deliver.'),
  public_url_answers_other: fault('People and deliveries reach another server than the one this database belongs to.'),
  metrics_are_public: fault('Anybody can read how much there is of everything, by the minute.'),
  port_taken: fault('The server cannot start.'),
  mail_refused: fault('No digest of the inbox reaches anybody.'),
  data_folder_missing: notice(
    'Nothing was ever started here, or VERVE_DATA_DIR names another folder than the server uses.',
  ),
  data_folder_unusable: fault('The embedded PostgreSQL cannot write, so nothing can be received.'),
  data_folder_open: fault('The secret and the passwords of the database lie there.'),
  disk_nearly_full: fault('PostgreSQL stops taking anything once its disk is full.'),
  database_does_not_start: fault(
    'Without its database the server answers 503 to everything but redirects it still remembers.',
  ),
  database_unreachable: fault(
    'Without its database the server answers 503 to everything but redirects it still remembers.',
  ),
  database_refuses: fault(
    'Without its database the server answers 503 to everything but redirects it still remembers.',
  ),
  database_is_a_copy: fault('A standby takes no writes: no click and no confirmation can be stored.'),
  postgres_too_old: fault('The schema uses what PostgreSQL has had since 15.'),
  role_too_strong: fault('Row-level security keeps organisations apart; this role is above it.'),
  role_too_weak: fault('The server works in roles of one organisation each; without them it can do nothing.'),
  encoding_not_utf8: fault('Names with letters beyond ASCII cannot be stored.'),
  pooler_in_transaction_mode: fault(
    'The server keeps a role, prepared statements and LISTEN in its sessions; through such a pooler they reach somebody else.',
  ),
  commits_not_durable: fault('The server says that a confirmation is stored when a power cut can still lose it.'),
  log_holds_values: notice(
    'Member ids and addresses are then written into the log of PostgreSQL, which no retention reaches.',
  ),
  too_few_connections: fault('Requests fail for want of a connection when many come at once.'),
  clocks_differ: fault('Signatures and sign-ins carry times and are refused when too old or in the future.'),
  migrations_behind: fault('The server waits and serves nothing until the schema is the one it knows.'),
  migrations_unusable: fault('The schema and this program do not belong together.'),
  schema_differs: fault(
    'Constraints, policies and grants carry the rules; one that is missing is a rule that does not hold.',
  ),
  table_unguarded: fault('One organisation could read or change the rows of another.'),
  secret_unknown: fault('What it sealed cannot be opened, and whoever was erased is not recognised and comes back.'),
  jobs_missing: fault('Retention, counts, reconciliation and digests are jobs; nothing does them.'),
  jobs_half_installed: fault('Retention, counts, reconciliation and digests are jobs; some cannot run.'),
  task_failing: fault('What the task does is not done.'),
  nobody_at_work: fault('What was received is not understood, or subscribers are not told.'),
  deliveries_parked: fault('A subscriber has missed events and will not be told again by itself.'),
  endpoint_gone: fault('Its subscriber is told nothing any more.'),
  endpoint_failing: notice('Its deliveries wait and are tried again by schedule.'),
  platform: fault('A part of the Supabase project that Verve uses does not do its work.'),
  settings_unreadable: fault('Every request of the organisation fails.'),
  organisation_without_link_domain: notice('Its mentors have codes, and no link can be made of them.'),
  join_page_refused: fault('Visitors are not sent to the organisation’s own join page.'),
  nowhere_to_join: fault('Whoever opens a link finds neither a form nor a join page.'),
  digest_without_mail: notice('The addresses in digest.mailTo get no letter when the inbox waits.'),
  dataverse_secret_missing: fault('The membership system cannot be read back; what the webhook misses stays missing.'),
  dataverse_secret_expires: notice('From that day the membership system cannot be read back.'),
  reconciliation_failed: fault('What the webhook misses stays missing.'),
} as const satisfies Record<string, Kind>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One thing that is not as it should be. Holds our own names and ids, never a secret and nothing about a person. */
export interface Problem {
  readonly code: ProblemCode;
  readonly level: Level;
  readonly what: string;
  readonly why: string;
  /** What to do or to type. */
  readonly mend: string;
}

/** Makes a problem; its grade and why it matters come from the table. */
export function problem(code: ProblemCode, what: string, mend: string): Problem {
  return { code, ...PROBLEMS[code], what, mend };
}

/** {@link problem} of a text whose first sentence says what, and the rest what to do. */
export function problemOf(code: ProblemCode, text: string): Problem {
  const end = text.search(/[.:?] (?=[A-Z])/);
  return end === -1 ? problem(code, text, '') : problem(code, text.slice(0, end + 1), text.slice(end + 2));
}

/** The problems among what was looked for; everything else is false. */
export function found(looked: readonly (Problem | false)[]): Problem[] {
  return looked.filter((one) => one !== false);
}
