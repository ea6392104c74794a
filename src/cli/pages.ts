import type { Command } from 'commander';
import { isUuid } from '../engine/ids.ts';
import type { PageRequest, Position } from '../engine/paging.ts';
import type { CommandResult } from './run-command.ts';
import { UsageError } from './usage-error.ts';

/** What every command that lists takes: how many, and after which. */
export interface PageOptions {
  readonly limit: string;
  readonly cursor?: string;
}

/** Gives a list its `--limit` and `--cursor`. */
export function addPaging(command: Command): Command {
  return command
    .option('--limit <count>', 'how many, at most 200', '20')
    .option('--cursor <cursor>', 'go on where the list before ended');
}

/** The page that is asked for. */
export function readPage({ limit, cursor }: PageOptions): PageRequest & { limit: number; after: Position | null } {
  const count = Number(limit);
  if (!/^\d+$/.test(limit) || count < 1 || count > 200)
    throw new UsageError('--limit is a whole number from 1 to 200.');
  if (cursor === undefined) return { limit: count, after: null };
  const [time = '', id = ''] = cursor.split('.');
  if (!/^\d{1,15}$/.test(time) || !isUuid(id)) throw new UsageError('That is no --cursor of a list.');
  return { limit: count, after: { createdAt: new Date(Number(time)), id } };
}

/** A page as text and as JSON, with the way on where more follows. */
export function showPage<Item>(
  page: { items: readonly Item[]; next: Position | null },
  show: { line: (item: Item) => string; json: (item: Item) => unknown; none?: string },
): CommandResult {
  const cursor = page.next === null ? null : `${page.next.createdAt.getTime()}.${page.next.id}`;
  const lines = page.items.map(show.line);
  if (lines.length === 0) lines.push(show.none ?? 'There are none.');
  if (cursor !== null) lines.push('', `There are more: --cursor ${cursor}`);
  return { text: lines.join('\n'), data: { data: page.items.map(show.json), next_cursor: cursor } };
}
