import { expect, test } from 'vitest';
import type { HealthState } from '../../lib/core/health.js';
import { untilUnreachable } from '../../lib/cli/unreachable.js';

type Watched = Parameters<typeof untilUnreachable>[0];
type Listener = (endpoint: string, reason: string) => void;

/** A client whose servers the test plays. */
class Played {
  readonly states: Record<string, HealthState> = {};
  readonly listeners = new Map<string, Set<Listener>>();
  failure: unknown;

  constructor(...endpoints: string[]) {
    for (const endpoint of endpoints) this.states[endpoint] = 'connecting';
    const client = {
      on: (event: string, listener: Listener) => {
        const all = this.listeners.get(event) ?? new Set();
        this.listeners.set(event, all.add(listener));
        return () => all.delete(listener);
      },
      stats: () => ({
        endpoints: Object.fromEntries(
          Object.entries(this.states).map(([endpoint, state]) => [endpoint, { state }]),
        ),
      }),
    } as unknown as Watched;
    untilUnreachable(client).catch((error: unknown) => (this.failure = error));
  }

  async becomes(endpoint: string, state: HealthState, reason = ''): Promise<void> {
    this.states[endpoint] = state;
    const event = state === 'alive' ? 'up' : state === 'dead' ? 'down' : state;
    for (const listener of this.listeners.get(event) ?? []) listener(endpoint, reason);
    await new Promise(setImmediate);
  }

  get isWatched(): boolean {
    return [...this.listeners.values()].some(({ size }) => size > 0);
  }
}

test('fails once all servers are out of reach, and says why each is', async () => {
  const played = new Played('tcp://a:1', 'tcp://b:1');
  await played.becomes('tcp://b:1', 'dead', 'the connection was refused');
  expect(played.failure).toBeUndefined();
  await played.becomes('tcp://a:1', 'dead', 'the name a does not resolve\u001B[2J');
  expect(played.failure).toMatchObject({
    code: 'ECONNREFUSED',
    message:
      'No server can be reached: tcp://b:1: the connection was refused; tcp://a:1: the name a does not resolve\\u{1b}[2J. ' +
      'Is the server running? `nestjs-freelance doctor tcp://b:1` looks step by step.',
  });
  expect(played.isWatched).toBe(false);
});

test.each(['alive', 'suspect', 'draining'] as const)(
  'goes by what the client does once a server is %s',
  async (state) => {
    const played = new Played('tcp://a:1', 'tcp://b:1');
    await played.becomes('tcp://a:1', state);
    await played.becomes('tcp://a:1', 'dead', 'it closed the connection');
    await played.becomes('tcp://b:1', 'dead', 'the connection was refused');
    expect(played.failure).toBeUndefined();
    expect(played.isWatched).toBe(false);
  },
);
