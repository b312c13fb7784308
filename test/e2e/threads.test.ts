import { afterEach, describe, expect, test, vi } from 'vitest';
import { Child } from '../support/child.js';
import { freePort } from '../support/ports.js';

const withEngine = (engine: string) => {
  vi.stubEnv('FREELANCE_SERVER_ENGINE', engine);
  vi.stubEnv('FREELANCE_CLIENT_ENGINE', engine);
};

afterEach(() => vi.unstubAllEnvs());

describe('a process survives the end of a worker thread that has a server and a client open', () => {
  test.each([
    ['by worker.terminate()', 'terminate'],
    ['by process.exit() in it', 'exit'],
    ['by an uncaught error', 'throw'],
    ['by itself, once they are closed', 'close'],
  ])('%s', async (_how, way) => {
    withEngine('node');
    await using child = Child.node('worker-lives', way);
    expect(await child.nextLine()).toBe('lives');
    expect(await child.ended()).toBe(0);
    expect(child.errors).toBe('');
  });

  // Other ends abort the process: see docs/engines.md.
  test('with the engine libzmq, if they are closed first', async () => {
    withEngine('libzmq');
    await using child = Child.node('worker-lives', 'close');
    expect(await child.nextLine()).toBe('lives');
    expect(await child.ended()).toBe(0);
  });
});

test('workers of a cluster share a port, and their rolling restart loses no call', async () => {
  withEngine('node');
  await using child = Child.node('cluster-life', `tcp://127.0.0.1:${await freePort()}`);
  expect(await child.nextLine()).toEqual({
    answered: expect.any(Number),
    workers: expect.any(Number),
    failures: [],
  });
  expect(await child.ended()).toBe(0);
});
