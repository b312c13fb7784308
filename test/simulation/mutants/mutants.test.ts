import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildInto } from './build.js';
import type { Engine } from '../network/engines.js';
import type { Found } from './hunt.js';
import { type Edit, mutants, talkativeSockets } from './mutants.js';

/** Within so many seeds every mutant is caught, most of them in the first few. */
const SEEDS = 80;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'freelance-mutants-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** In a process of its own, which ends should the mutant never end. */
async function hunt(
  edits: readonly Edit[],
  scenario: string,
  rule: string,
  seeds = SEEDS,
  engine?: Engine,
): Promise<Found | null> {
  const build = mkdtempSync(join(folder, 'build-'));
  buildInto(build, edits);
  const program = join(build, 'test/simulation/mutants/hunt.js');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, scenario, String(seeds), rule, ...(engine ? [engine] : [])],
    // Before the test's own limit, which would leave the process behind.
    { timeout: 250_000 },
  );
  return JSON.parse(stdout) as Found | null;
}

for (const { name, edits, scenario = 'anything', caughtBy, engine } of mutants) {
  test(`${name}: ${caughtBy}`, async () => {
    const found = await hunt(edits, scenario, caughtBy, SEEDS, engine);
    expect(found, 'nobody has noticed').not.toBeNull();
  });
}

test('what is not broken keeps every rule, with sockets that go on talking too', async () => {
  expect(await hunt(talkativeSockets, 'anything', 'any', 25)).toBeNull();
});
