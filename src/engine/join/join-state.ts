import { standingOf } from '../attributions/find-attribution.ts';
import type { RuleSettings } from '../attributions/rule-settings.ts';
import type { JoinCodeRow } from './repository.ts';

/** Why nobody can register by a code any more. */
export type CodeEnd = 'ended' | 'replaced' | 'expired';

/** Where a code stands for somebody who would register now (specification §2.7). */
export type CodeStanding =
  | { standing: 'open'; isReplaced: boolean }
  /** `ended` was invalidated; `replaced` and `expired` are past their grace. */
  | { standing: 'ended'; reason: CodeEnd };

/** Judges a code by the same rule that a registration is judged by. Pure. */
export function judgeCode(
  code: JoinCodeRow,
  rules: Pick<RuleSettings, 'rotatedGraceDays' | 'invalidatedGraceDays'>,
): CodeStanding {
  const known = { expiresAt: code.expiresAt, rotatedAt: code.rotatedAt, invalidatedAt: code.invalidatedAt };
  const standing = standingOf(known, code.now, rules);
  if (standing !== 'ended') return { standing: 'open', isReplaced: code.rotatedAt !== null };
  if (code.invalidatedAt !== null) return { standing: 'ended', reason: 'ended' };
  return { standing: 'ended', reason: code.rotatedAt !== null ? 'replaced' : 'expired' };
}
