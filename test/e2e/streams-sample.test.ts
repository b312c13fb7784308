import { expect, test } from 'vitest';
import { promisedBySample, runSample } from '../support/sample.js';

// The compiler takes most of the time.
test('sample/07-streams prints what its README says', async () => {
  const printed = await runSample('07-streams');
  expect(printed).toBe(await promisedBySample('07-streams'));
  expect(printed).toContain('the source has closed');
}, 300_000);
