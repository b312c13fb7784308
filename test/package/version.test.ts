import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PACKAGE } from '../../lib/package.js';

test('the name and the version in the source are those of package.json', () => {
  const manifest = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { name: string; version: string };
  expect(PACKAGE).toEqual({ name: manifest.name, version: manifest.version });
});
