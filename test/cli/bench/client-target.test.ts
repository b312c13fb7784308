import { throwError } from 'rxjs';
import { expect, test } from 'vitest';
import { noClientStats } from '../../../lib/agents/client/client-stats.js';
import { clientTarget } from '../../../lib/cli/bench/client-target.js';
import type { CallOutcome } from '../../../lib/cli/bench/load.js';

/** The outcome of a call that a handler has answered with this error. */
function outcomeOf(error: unknown): CallOutcome[] {
  const outcomes: CallOutcome[] = [];
  const client = { send: () => throwError(() => error), stats: () => noClientStats() };
  clientTarget(client, 'sum', {}).begin((outcome) => void outcomes.push(outcome));
  return outcomes;
}

test('an error of a handler has its words, or is shown as JSON', () => {
  const failed = (message: string) => [{ type: 'failed', kind: 'HANDLER', message }];
  expect(outcomeOf('no')).toEqual(failed('no'));
  expect(outcomeOf({ code: 1 })).toEqual(failed('{"code":1}'));
  expect(outcomeOf(undefined)).toEqual(failed('null'));
});

test('one that is nested more deeply than it can be shown counts, too', () => {
  const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
  expect(outcomeOf(deep)).toMatchObject([
    { message: expect.stringContaining('nested too deeply') },
  ]);
});
