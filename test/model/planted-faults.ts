import type { Pool } from 'pg';

/** A fault of the engine, planted in the database under it, that the comparison with the model must notice. */
export interface PlantedFault {
  readonly name: string;
  readonly table: string;
  readonly when: 'insert' | 'update' | 'insert or update';
  /** The body of a row trigger: what the faulty engine would have written. */
  readonly body: string;
}

export const plantedFaults: readonly PlantedFault[] = [
  { name: 'a milestone is missed', table: 'milestone_awards', when: 'insert', body: 'return null;' },
  {
    name: 'a conflict is not shown to anybody',
    table: 'inbox_items',
    when: 'insert',
    body: `if new.kind = 'conflict' then return null; end if; return new;`,
  },
  {
    name: 'a total does not fall with a reversal',
    table: 'mentor_totals',
    when: 'update',
    body: 'new.credited := greatest(new.credited, old.credited); return new;',
  },
  {
    name: 'a reversal does not reach the attribution',
    table: 'referral_attributions',
    when: 'update',
    body: `if old.status = 'confirmed' and new.status = 'reversed' then new.status := 'confirmed'; end if; return new;`,
  },
  {
    name: 'a mismatch is not flagged',
    table: 'referral_attributions',
    when: 'insert or update',
    body: `new.flags := array_remove(new.flags, 'code_mismatch'); return new;`,
  },
  {
    name: 'the newest fact of a source is forgotten',
    table: 'sources',
    when: 'update',
    body: 'new.newest_fact_at := null; new.newest_fact_rank := null; return new;',
  },
];

/** Runs `work` with the fault in place. */
export async function withFault<Result>(
  adminPool: Pool,
  fault: PlantedFault,
  work: () => Promise<Result>,
): Promise<Result> {
  await adminPool.query(`
    create or replace function verve_private.planted_fault() returns trigger language plpgsql as $$
    begin ${fault.body} end $$;
    grant execute on function verve_private.planted_fault() to public;
    create trigger planted_fault before ${fault.when} on verve.${fault.table}
      for each row execute function verve_private.planted_fault()`);
  try {
    return await work();
  } finally {
    await adminPool.query(`drop trigger planted_fault on verve.${fault.table}`);
  }
}
