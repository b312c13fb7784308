import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Child } from '../support/child.js';
import type { Outcome } from './judge/table.js';
import { SCENARIOS } from './scenarios/index.js';

const COMMAND = fileURLToPath(new URL('dist/chaos/chaos.js', import.meta.url));

/** By then it has ended by itself, and taken its files with it, in ms. */
const FAREWELL_MS = 10_000;

let command: Child;

beforeAll(() => {
  command = new Child(process.execPath, [COMMAND, '--short', '--json', '--seed', '2']);
});

afterAll(async () => {
  await Promise.race([command.ended(), delay(FAREWELL_MS)]);
  await command.kill();
});

// One run, in which one scenario follows the other. How long things take is judged by the long form.
test.each(SCENARIOS.map(({ name, fault }) => [fault, name]))('%s', async (_fault, name) => {
  const outcome = (await command.nextLine()) as Outcome;
  expect(outcome.name).toBe(name);
  const facts = outcome.findings.filter(({ kind }) => kind === 'fact');
  expect(facts.length).toBeGreaterThan(0);
  expect(facts.filter(({ holds }) => !holds)).toEqual([]);
});
