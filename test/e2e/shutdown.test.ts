import { expect, test } from 'vitest';
import { Child } from '../support/child.js';
import { freePort } from '../support/ports.js';

/** Runs the application until it has called itself, sends the signal, and returns its output from there on. */
async function shutDown(transport: string, kind: string, ending: string) {
  const port = await freePort();
  await using child = Child.node('shutdown', transport, String(port), kind, ending);
  const ready = await child.nextLine();
  child.signal('SIGTERM');
  const told: unknown[] = [];
  for (let hook = 0; hook < 3; hook++) told.push(await child.nextLine());
  return { ready, told, end: await child.ended(), errors: child.errors };
}

/** Nest passes the signal to the hooks if Nest itself received it; otherwise nothing. */
const SIGNALLED = { signal: 'SIGTERM' };

test.each([
  ['microservice', 'signal', SIGNALLED, 'SIGTERM'],
  ['microservice', 'exit', SIGNALLED, 0],
  ['microservice', 'close', {}, 0],
  ['hybrid', 'signal', SIGNALLED, 'SIGTERM'],
  ['hybrid', 'close', {}, 0],
])(
  'a %s told to stop (%s) runs its hooks, closes and ends as over TCP',
  async (kind, ending, signalled, end) => {
    const [tcp, freelance] = await Promise.all([
      shutDown('tcp', kind, ending),
      shutDown('freelance', kind, ending),
    ]);
    expect(freelance).toEqual({
      ready: { echo: 'ready' },
      told: [
        { hook: 'onModuleDestroy', ...(ending !== 'close' && { echo: 'still there' }) },
        { hook: 'beforeApplicationShutdown', ...signalled },
        { hook: 'onApplicationShutdown', ...signalled },
      ],
      end,
      errors: '',
    });
    expect(freelance).toEqual(tcp);
  },
);
