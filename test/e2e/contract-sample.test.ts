import { expect, test } from 'vitest';
import { promisedBySample, runSample } from '../support/sample.js';

// Three processes, after the compiler.
test('sample/10-contract prints what its README says', async () => {
  const printed = await runSample('10-contract');
  expect(printed).toBe(await promisedBySample('10-contract'));
  expect(printed).toContain('at attempt 2');
}, 300_000);
