import type { Session } from '../database.ts';

/** A branch as stored. */
export interface Branch {
  branchId: string;
  orgId: string;
  parentId: string | null; // null = directly under the organisation
  name: string;
  kind: 'county' | 'local' | 'other';
  createdAt: Date;
}

const columns = `branches.id as "branchId", branches.org_id as "orgId", branches.parent_id as "parentId", branches.name,
  branches.kind, branches.created_at as "createdAt"`;

/** All branches, by name; parents are not necessarily first. */
export async function listBranches(session: Session): Promise<Branch[]> {
  return session.query<Branch>(
    `select ${columns} from verve.branches where branches.org_id = $1 order by branches.name, branches.id`,
    [session.orgId],
  );
}

/** A branch, or null = none of this organisation. */
export async function findBranch(session: Session, branchId: string): Promise<Branch | null> {
  const rows = await session.query<Branch>(
    `select ${columns} from verve.branches where branches.org_id = $1 and branches.id = $2`,
    [session.orgId, branchId],
  );
  return rows[0] ?? null;
}

/** A new branch. */
export interface NewBranch {
  branchId: string;
  parentId: string | null;
  name: string;
  kind: string;
}

/** Stores branches whose ids and names are free; gives the ids that were stored. */
export async function insertBranches(session: Session, branches: readonly NewBranch[]): Promise<string[]> {
  const rows = await session.query<{ id: string }>(
    `insert into verve.branches (id, org_id, parent_id, name, kind)
    select new.id, $1, new.parent_id, new.name, new.kind
    from jsonb_to_recordset($2::jsonb) as new (id uuid, parent_id uuid, name text, kind text)
    on conflict do nothing returning id`,
    [
      session.orgId,
      JSON.stringify(
        branches.map(({ branchId, parentId, name, kind }) => ({ id: branchId, parent_id: parentId, name, kind })),
      ),
    ],
  );
  return rows.map((row) => row.id);
}

/** Writes a branch's name, kind and parent. */
export async function updateBranch(session: Session, branch: NewBranch): Promise<Branch> {
  const rows = await session.query<Branch>(
    `update verve.branches set parent_id = $3, name = $4, kind = $5
    where branches.org_id = $1 and branches.id = $2 returning ${columns}`,
    [session.orgId, branch.branchId, branch.parentId, branch.name, branch.kind],
  );
  return rows[0] as Branch;
}

/** The branch and everything below it, nearest first. Empty = no such branch. */
export async function listDescendants(session: Session, branchId: string): Promise<string[]> {
  const rows = await session.query<{ id: string }>(
    `with recursive below as (
      select branches.id, 0 as step from verve.branches where branches.org_id = $1 and branches.id = $2
      union
      select branches.id, below.step + 1 from verve.branches join below on branches.parent_id = below.id
      where branches.org_id = $1 and below.step < 50
    )
    select below.id from below order by below.step, below.id`,
    [session.orgId, branchId],
  );
  return rows.map((row) => row.id);
}

/** Makes everybody else who would change the tree wait until the transaction ends. */
export async function lockTree(session: Session): Promise<void> {
  await session.query(
    'select organisations.id from verve.organisations where organisations.id = $1 for no key update',
    [session.orgId],
  );
}
