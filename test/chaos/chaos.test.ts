import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Child } from '../support/child.js';
import type { Outcome } from './judge/table.js';
import { SCENARIOS } from './scenarios/index.js';

const COMMAND = fileURLToPath(new URL('dist/chaos/chaos.js', import.meta.url));

/** With it, `npm run chaos` repeats what failed. */
const SEED = '2';

/** By then it must have ended by itself and removed its files, in ms. */
const FAREWELL_MS = 10_000;

let command: Child;

beforeAll(() => {
  command = new Child(process.execPath, [COMMAND, '--short', '--json', '--seed', SEED]);
});

afterAll(async () => {
  await Promise.race([command.ended(), delay(FAREWELL_MS)]);
  await command.kill();
});

/** The rolling updates start sixty processes; a busy machine takes ten times as long. In ms. */
const LIMIT_MS = 1_200_000;

// One run after the other. Times are judged by the long form only.
test.each(SCENARIOS.map(({ name, fault }) => [fault, name]))(
  '%s',
  async (_fault, name) => {
    const outcome = (await command.nextLine()) as Outcome;
    expect(outcome.name).toBe(name);
    const facts = outcome.findings.filter(({ kind }) => kind === 'fact');
    expect(facts.length).toBeGreaterThan(0);
    const missed = facts.filter(({ holds }) => !holds);
    expect(missed, `--short --seed ${SEED}`).toEqual([]);
  },
  LIMIT_MS,
);
