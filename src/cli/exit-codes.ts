/** What the command's exit code tells a script. Documented in docs/command-line.md and in `verve --help`. */
export const EXIT = {
  done: 0,
  /** Something failed that should not: a fault of ours, of the network, of the database. */
  failed: 1,
  /** The command line or the configuration cannot be used; nothing was done. */
  usage: 2,
  /** A rule said no; nothing was done. */
  refused: 3,
  /** The check ran and found something (`doctor`, `verify`). */
  findings: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
