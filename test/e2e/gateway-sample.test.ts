import { expect, test } from 'vitest';
import { promisedBySample, runSample } from '../support/sample.js';

// The compiler takes most of the time.
test('sample/06-gateway prints what its README says', async () => {
  const printed = await runSample('06-gateway');
  expect(printed).toBe(await promisedBySample('06-gateway'));
  expect(printed.trim().split('\n')).toHaveLength(6);
}, 300_000);
