import { expect, test } from 'vitest';
import { describeWithPython } from '../interop/python.js';
import { promisedBySample, runSample } from '../support/sample.js';

describeWithPython('sample/08-python', () => {
  // Several processes one after the other, after the compiler.
  test('prints what its README says', async () => {
    const printed = await runSample('08-python');
    expect(printed).toBe(await promisedBySample('08-python'));
    expect(printed.match(/calls that failed: 0/g)).toHaveLength(2);
  }, 300_000);
});
