import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { nestVersion } from '../../../lib/nest/server/nest-version.js';

test('the version of Nest is that of @nestjs/core', () => {
  const entry = createRequire(import.meta.url).resolve('@nestjs/core');
  const manifest = readFileSync(join(dirname(entry), 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  expect(version).toMatch(/^1[12]\.\d/);
  expect(nestVersion()).toBe(version);
});
