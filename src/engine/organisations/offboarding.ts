import { recordAction } from '../audit/record-action.ts';
import { openContact } from '../contacts/contact.ts';
import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import * as repository from './offboarding-repository.ts';
import { findOrganisation, lockOrganisation } from './repository.ts';

/** One line of an export: a row of a table, or the end with its receipt. */
export type ExportLine = { table: string; row: Record<string, unknown> } | { receipt: string; rows: number };

export interface Leaving {
  orgId: string;
  offboardedAt: Date;
}

/** What was deleted, by table. `rows` is empty where nothing was left to delete. */
export interface Deleted {
  orgId: string;
  rows: Record<string, number>;
}

/** An organisation leaves: everything out, then gone (specification §10). */
export interface Offboarding {
  /**
   * Hands over every row of the organisation at one moment, contact data opened, without secrets, hashes and sealed bodies.
   * The last line is a receipt: whoever has it has read everything. Safe to repeat. `write` is waited for, so a slow reader
   * holds the export back; what it throws ends it.
   */
  export(call: Call, write: (line: ExportLine) => unknown): Promise<{ receipt: string; rows: number }>;
  /** How many rows each table holds that would go. Writes nothing. */
  preview(call: Call): Promise<{ slug: string; rows: Record<string, number> }>;
  /**
   * Ends the organisation at once: keys, roles, codes, links and addresses stop with the commit. Its rows are deleted by
   * {@link Offboarding.finish}. `confirm` repeats the slug. Needs the receipt of an export of the last seven days, or
   * `isWithoutExport`. Cannot be undone.
   */
  begin(call: Call & { confirm: string; receipt?: string | null; isWithoutExport?: boolean }): Promise<Leaving>;
  /**
   * Deletes every row of an organisation that has left, in parts, the organisation's own last. The code strings stay, with
   * nothing that says whose they were. Safe to repeat, and to go on with where it was cut off. A row that was written in the
   * very moment of leaving keeps the organisation's own from going: then it fails, and the next call goes on.
   */
  finish(call: Pick<Call, 'orgId'>): Promise<Deleted>;
  /** The organisations whose rows are still to be deleted. */
  listLeaving(): Promise<string[]>;
}

/** Rows deleted in one transaction. */
const mostDeleted = 10_000;

/** Wires the off-boarding. */
export function createOffboarding(parts: EngineParts): Offboarding {
  const within = <Result>(orgId: string, work: (session: Session) => Promise<Result>) =>
    inOrganisation(parts, { orgId }, work);

  async function shown({ table, row, sealed }: repository.ExportedRow, orgId: string): Promise<ExportLine> {
    if (sealed === null) return { table, row };
    const ownerId = String(row.attribution_id ?? row.id);
    return { table, row: { ...row, ...(await openContact(parts.keyRing, { orgId, ownerId }, sealed)) } };
  }

  async function deleteAll(orgId: string, table: repository.TenantTable): Promise<number> {
    const limit = table.isSelfReferencing ? null : mostDeleted;
    for (let deleted = 0; ; ) {
      const part = await within(orgId, (session) => repository.deleteRows(session, table, limit));
      deleted += part;
      if (limit === null || part < limit) return deleted;
    }
  }

  async function deleteRound(orgId: string, rows: Record<string, number>): Promise<void> {
    for (const table of inDeletionOrder(await within(orgId, repository.listTenantTables))) {
      const deleted = await deleteAll(orgId, table);
      if (deleted > 0) rows[table.name] = (rows[table.name] ?? 0) + deleted;
    }
  }

  return {
    async export({ orgId, actor }, write) {
      requireMay(actor, 'organisation.export');
      const record = (session: Session, isComplete: boolean) => {
        const details = { is_complete: isComplete };
        return recordAction(session, { actor, action: 'organisation.export', subjectId: session.orgId, details });
      };
      await within(orgId, (session) => record(session, false));
      return within(orgId, async (session) => {
        let rows = 0;
        await repository.openExport(session, await repository.listTenantTables(session));
        for (;;) {
          const fetched = await repository.fetchExport(session);
          for (const one of fetched) await write(await shown(one, session.orgId));
          rows += fetched.length;
          if (fetched.length === 0) break;
        }
        const end = { receipt: await record(session, true), rows };
        await write(end);
        return end;
      });
    },

    async preview({ orgId, actor }) {
      requireMay(actor, 'organisation.offboard');
      return within(orgId, async (session) => {
        const organisation = await findOrganisation(session);
        if (organisation === null) throw new VerveError('not_found');
        const rows: Record<string, number> = {};
        for (const table of await repository.listTenantTables(session)) {
          const count = await repository.countRows(session, table);
          if (count > 0) rows[table.name] = count;
        }
        return { slug: organisation.slug, rows };
      });
    },

    async begin({ orgId, actor, confirm, receipt = null, isWithoutExport = false }) {
      requireMay(actor, 'organisation.offboard');
      return within(orgId, async (session) => {
        const organisation = await lockOrganisation(session);
        if (organisation === null) throw new VerveError('not_found');
        if (confirm !== organisation.slug) throw refuse('confirm', 'must be the organisation’s slug');
        if (!isWithoutExport) {
          if (receipt === null)
            throw refuse('receipt', 'is required: export everything first, or say that you want none');
          if (!(await repository.hasReceipt(session, requireUuid(receipt, 'receipt'))))
            throw refuse('receipt', 'must be the last line of an export of the last seven days');
        }
        const offboardedAt = await repository.markLeaving(session);
        await recordAction(session, { actor, action: 'organisation.offboard', subjectId: session.orgId });
        return { orgId: session.orgId, offboardedAt };
      });
    },

    async finish({ orgId }) {
      const rows: Record<string, number> = {};
      const organisation = await within(orgId, findOrganisation);
      if (organisation !== null && organisation.offboardedAt === null)
        throw new VerveError('conflict', 'The organisation has not left.');
      await deleteRound(orgId, rows);
      await within(orgId, repository.deleteOrganisation);
      // What was being stored in that moment without pointing at the organisation: clicks.
      await deleteRound(orgId, rows);
      parts.logger.info({ orgId, rows }, 'an organisation has left and its rows are deleted');
      return { orgId, rows };
    },

    listLeaving: () => parts.database.transaction({ role: 'none' }, repository.listLeaving),
  };
}

function refuse(field: string, message: string): VerveError {
  return new VerveError('invalid_request', 'Leaving was not confirmed.', { fields: [{ field, message }] });
}

/** Tables whose rows point at others come before those. */
function inDeletionOrder(tables: readonly repository.TenantTable[]): repository.TenantTable[] {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const ordered = new Set<repository.TenantTable>();
  const visit = (table: repository.TenantTable): void => {
    for (const name of table.referencedBy) {
      const referencing = byName.get(name);
      if (referencing !== undefined && !ordered.has(referencing)) visit(referencing);
    }
    ordered.add(table);
  };
  for (const table of tables) visit(table);
  return [...ordered];
}
