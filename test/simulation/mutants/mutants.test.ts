import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildInto } from './build.js';
import type { Found, HuntedWorlds } from './hunt.js';
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
  worlds: Partial<HuntedWorlds>,
): Promise<Found | null> {
  const build = mkdtempSync(join(folder, 'build-'));
  buildInto(build, edits);
  const program = join(build, 'test/simulation/mutants/hunt.js');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, scenario, rule, JSON.stringify({ firstSeed: 1, seeds: SEEDS, ...worlds })],
    // Before the test's own limit, which would leave the process behind.
    { timeout: 250_000 },
  );
  return JSON.parse(stdout) as Found | null;
}

for (const { name, edits, scenario = 'anything', caughtBy, engine, firstSeed = 1 } of mutants) {
  test(`${name}: ${caughtBy}`, async () => {
    const found = await hunt(edits, scenario, caughtBy, { engine, firstSeed });
    expect(found, 'nobody has noticed').not.toBeNull();
  });
}

test('what is not broken keeps every rule, with sockets that go on talking too', async () => {
  expect(await hunt(talkativeSockets, 'anything', 'any', { seeds: 25 })).toBeNull();
});
