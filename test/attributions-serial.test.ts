import fc from 'fast-check';
import { test } from 'vitest';
import { histories } from './model/commands.ts';
import { type ConcurrentCommand, isConcurrent, playAtOnce } from './model/play-at-once.ts';
import { expectAgreement, playOnBoth } from './model/play-both.ts';
import { setStage } from './model/stage.ts';

// The suite's short version; longer ones: VERVE_SEED=7 VERVE_MODEL_RUNS=500 npm test -- test/attributions-serial.test.ts
const RUNS = Number(process.env.VERVE_MODEL_RUNS ?? 40);
const LENGTH = Number(process.env.VERVE_MODEL_LENGTH ?? 16);
/** Commands at the same time: all their orders are tried on the model. */
const AT_ONCE = 4;

test('facts and people at the same time, over several engines, end as some order of them would', async () => {
  await fc.assert(
    fc.asyncProperty(histories({ maxLength: LENGTH }), async (history) => {
      const stage = await setStage({ excludedTypes: ['supporter'] });
      let together: ConcurrentCommand[] = [];
      for (const command of history) {
        if (isConcurrent(command)) together.push(command);
        if (isConcurrent(command) && together.length < AT_ONCE) continue;
        await playAtOnce(stage, together);
        together = [];
        if (!isConcurrent(command)) await playOnBoth(stage, command);
      }
      await playAtOnce(stage, together);
      await expectAgreement(stage);
    }),
    { numRuns: RUNS },
  );
}, 3_600_000);
