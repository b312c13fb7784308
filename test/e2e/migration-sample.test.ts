import { expect, test } from 'vitest';
import { promisedBySample, runSample } from '../support/sample.js';

// The compiler takes most of the time.
test('sample/09-migration prints what its README says', async () => {
  const printed = await runSample('09-migration');
  expect(printed).toBe(await promisedBySample('09-migration'));
  expect(printed).toContain('orders lost: 0, placed twice: 0');
}, 300_000);
