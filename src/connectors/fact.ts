/** One inbound statement about a source, in neutral form (spec §2.5). */
export interface Fact {
  kind: FactKind;
  memberId: string | null;
  code?: string | null;
  registrationRef?: string | null;
  registeredAt?: Date | null;
  occurredAt?: Date | null;
  membershipType?: string | null;
  reason?: string | null;
  source: FactSource;
  sourceRef?: string | null;
}

export type FactKind = 'registered' | 'confirmed' | 'rejected' | 'reversed';
export type FactSource = 'webhook' | 'poll' | 'import' | 'api' | 'person';
