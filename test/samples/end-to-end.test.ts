import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isOfSample } from '../../scripts/sample-tests.mjs';
import { root } from '../../scripts/workshop.mjs';

const SAMPLES = readdirSync(join(root, 'sample'));

const TESTS = readdirSync(join(root, 'test/e2e'))
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => ({ file, text: readFileSync(join(root, 'test/e2e', file), 'utf8') }));

test.each(SAMPLES)('sample/%s has an end-to-end test, named as scripts look for it', (sample) => {
  const its = TESTS.filter(({ text }) => text.includes(sample)).map(({ file }) => file);
  expect(its).not.toEqual([]);
  expect(its.filter((file) => !isOfSample(file))).toEqual([]);
});
