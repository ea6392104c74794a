import type { Session } from '../database.ts';

export interface Review {
  reviewId: string;
  state: 'waiting' | 'approved' | 'rejected' | 'withdrawn';
  requiredRoles: string[];
}

const latestSql = `
select id as "reviewId", state, required_roles as "requiredRoles" from verve.reviews
where org_id = $1 and attribution_id = $2 order by (state = 'waiting') desc, opened_at desc, id desc limit 1`;

/** The open review of an attribution, else the last one; null = there never was one. */
export async function latestReview(session: Session, attributionId: string): Promise<Review | null> {
  return (await session.query<Review>(latestSql, [session.orgId, attributionId]))[0] ?? null;
}

const approveSql = `
insert into verve.review_approvals (org_id, review_id, approver, role) values ($1, $2, $3, $4)
on conflict on constraint review_approvals_one_per_person do nothing`;
const approvalsSql =
  'select approver, role from verve.review_approvals where org_id = $1 and review_id = $2 order by approved_at, id';

/** Records one person's approval, once, and gives all of them. */
export async function addApproval(
  session: Session,
  approval: { reviewId: string; approver: string; role: string },
): Promise<{ approver: string; role: string }[]> {
  await session.query(approveSql, [session.orgId, approval.reviewId, approval.approver, approval.role]);
  return session.query(approvalsSql, [session.orgId, approval.reviewId]);
}

const decideSql = `
update verve.reviews set state = $3, decided_at = verve.clock(), decided_by = $4, reason_code = $5, reason_text = $6
where org_id = $1 and id = $2 and state = 'waiting'`;

/** Ends an open review. */
export async function decideReview(
  session: Session,
  decision: {
    reviewId: string;
    state: 'approved' | 'rejected';
    decidedBy: string;
    reasonCode: string | null;
    reasonText: string | null;
  },
): Promise<void> {
  const { reviewId, state, decidedBy, reasonCode, reasonText } = decision;
  await session.query(decideSql, [session.orgId, reviewId, state, decidedBy, reasonCode, reasonText]);
}
