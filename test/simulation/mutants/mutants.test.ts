import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildInto } from './build.js';
import type { Found, HuntedWorlds } from './hunt.js';
import { type Edit, mutants, talkativeSockets } from './mutants.js';

/** Every mutant is detected within this many seeds, most of them within the first few. */
const SEEDS = 80;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'freelance-mutants-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs in a process of its own, which is killed if the mutant never ends. */
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
    // Less than the test's own time limit, which would leave the process behind.
    { timeout: 250_000 },
  );
  return JSON.parse(stdout) as Found | null;
}

for (const { name, edits, scenario = 'anything', caughtBy, engine, firstSeed = 1 } of mutants) {
  test(`${name}: ${caughtBy}`, async () => {
    const found = await hunt(edits, scenario, caughtBy, { engine, firstSeed });
    expect(found, 'no seed broke a rule').not.toBeNull();
  });
}

test('the unmodified library keeps every rule, even with sockets that report messages after their end', async () => {
  expect(await hunt(talkativeSockets, 'anything', 'any', { seeds: 25 })).toBeNull();
});
