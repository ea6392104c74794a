import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * How a PostgreSQL program is started so that it does not run as root, which it refuses.
 * `uid` and `gid` own the cluster's files, as the rest of the machine sees them.
 */
export interface PostgresLauncher {
  readonly name: 'self' | 'account' | 'account with capability' | 'user namespace';
  readonly uid: number;
  readonly gid: number;
  /** Turns a program and its arguments into what to spawn. */
  readonly wrap: (program: string, args: readonly string[]) => readonly [string, readonly string[]];
  /** For spawn(): the account to become. Empty where the wrapping program does it. */
  readonly spawnAs: { readonly uid?: number; readonly gid?: number };
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

const NOBODY: Account = { uid: 65534, gid: 65534 };

/**
 * Chooses the first way that can really run PostgreSQL's programs in `directory`.
 *
 * Not root: as we are; under a user id without a name, as some container platforms give, in a user namespace in which it
 * has one (initdb asks for it). Root: as the unprivileged account `postgres` (made if missing, else `nobody`); where a folder
 * above is closed to that account (a clone in /root), the account keeps the one capability that lets it pass; where
 * capabilities are not to be had, a user namespace in which root is called somebody else.
 * @param owner the uid that owns an existing cluster; only a way with the same owner is taken. null = no cluster yet.
 * @throws {Error} saying what was tried and what to do.
 */
export function choosePostgresLauncher(initdb: string, directory: string, owner: number | null): PostgresLauncher {
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  if (uid === undefined || gid === undefined) {
    throw new Error(
      'The embedded PostgreSQL runs on Linux and macOS. Here, point DATABASE_URL at a PostgreSQL server.',
    );
  }
  if (uid !== 0 && owner !== null && owner !== uid) {
    throw new Error(
      `The database in ${directory} belongs to another account (uid ${owner}). ` +
        'Start Verve as that account or as root, or give another folder in VERVE_DATA_DIR.',
    );
  }
  const all = uid === 0 ? rootWays() : [asSelf(uid, gid), inUserNamespace({ uid, gid }, NOBODY)];
  const ways = all.filter((way) => owner === null || way.uid === owner);
  const found = ways.find((way) => canRun(way, initdb, directory));
  if (found) return found;
  const reason = uid === 0 ? 'PostgreSQL refuses to run as root' : `PostgreSQL cannot run as this account (uid ${uid})`;
  throw new Error(
    `${reason}, and no other way works here (tried: ${ways.map((way) => way.name).join(', ')}). ` +
      'Start Verve as an ordinary user with a name, or point DATABASE_URL at a PostgreSQL server.',
  );
}

function asSelf(uid: number, gid: number): PostgresLauncher {
  return { name: 'self', uid, gid, wrap: (program, args) => [program, args], spawnAs: {} };
}

function rootWays(): PostgresLauncher[] {
  const account = findAccount('postgres') ?? makeAccount('postgres') ?? findAccount('nobody');
  const ways: PostgresLauncher[] = [];
  if (account) {
    ways.push({ name: 'account', ...account, wrap: (program, args) => [program, args], spawnAs: account });
    const become = [
      `--reuid=${account.uid}`,
      `--regid=${account.gid}`,
      '--clear-groups',
      '--inh-caps=+dac_override',
      '--ambient-caps=+dac_override',
      '--securebits=+no_setuid_fixup', // Or access(2), by which initdb looks for its programs, ignores the capability.
    ];
    ways.push({
      name: 'account with capability',
      ...account,
      wrap: (program, args) => ['setpriv', [...become, program, ...args]],
      spawnAs: {},
    });
  }
  ways.push(inUserNamespace({ uid: 0, gid: 0 }, account ?? NOBODY));
  return ways;
}

/** The files stay `outside`'s; PostgreSQL believes to be `inside`. */
function inUserNamespace(outside: Account, inside: Account): PostgresLauncher {
  const options = ['--user', `--map-user=${inside.uid}`, `--map-group=${inside.gid}`];
  return {
    name: 'user namespace',
    ...outside,
    wrap: (program, args) => ['unshare', [...options, program, ...args]],
    spawnAs: {},
  };
}

/** Asked of the kernel, not computed: initdb finds its programs and its user's name, and the directory can be entered. */
function canRun(way: PostgresLauncher, initdb: string, directory: string): boolean {
  const test = 'cd "$2" && "$1" --show --pgdata="$2/unused"';
  const [command, args] = way.wrap('/bin/sh', ['-c', test, 'sh', initdb, directory]);
  return spawnSync(command, args, { ...way.spawnAs, cwd: '/', stdio: 'ignore', timeout: 10_000 }).status === 0;
}

function findAccount(name: string): Account | null {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith(`${name}:`));
    const [, , uid, gid] = line?.split(':') ?? [];
    return uid && gid ? { uid: Number(uid), gid: Number(gid) } : null;
  } catch {
    return null;
  }
}

function makeAccount(name: string): Account | null {
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', name], {
      stdio: 'ignore',
    });
    return findAccount(name);
  } catch {
    return null; // No useradd, or a read-only /etc: the caller goes on with what there is.
  }
}
