import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { StateChange } from '../../lib/agents/client/client-agent.js';
import { clientObserver } from '../../lib/nest/client/client-observer.js';

const ENDPOINT = 'tcp://10.0.0.1:5555';

const change = (to: StateChange['to'], more: Partial<StateChange> = {}): StateChange => ({
  from: 'connecting',
  to,
  reason: '',
  serverId: undefined,
  ...more,
});

/** An observer, and what it has told to whom. */
function observing(name = '') {
  const logged: string[] = [];
  const heard: unknown[][] = [];
  const statuses: string[] = [];
  const events = new EventEmitter();
  const client = { isOpen: true };
  for (const event of ['up', 'down', 'suspect', 'draining']) {
    events.on(event, (...told: unknown[]) => heard.push([event, ...told]));
  }
  const observer = clientObserver({
    logger: {
      log: (_kind, line) => logged.push(`log ${line}`),
      warn: (_kind, line) => logged.push(`warn ${line}`),
      debug: (_kind, line) => logged.push(`debug ${line}`),
    },
    name,
    events,
    status: (status) => statuses.push(status),
    isCurrent: () => client.isOpen,
  });
  return { observer, logged, heard, statuses, client };
}

const afterwards = () => new Promise(setImmediate);

describe('each state of a server is told in words', () => {
  test.each<[StateChange, event: string | undefined, line: string]>([
    [change('alive'), 'up', `debug ${ENDPOINT} is alive`],
    [change('alive', { from: 'dead' }), 'up', `log ${ENDPOINT} is up`],
    [change('dead', { reason: 'it is gone' }), 'down', `warn ${ENDPOINT} is down: it is gone`],
    [change('suspect', { reason: 'failing' }), 'suspect', `warn ${ENDPOINT} is suspect: failing`],
    [change('suspect', { reason: 'silent' }), 'suspect', `debug ${ENDPOINT} is suspect: silent`],
    [change('draining'), 'draining', `debug ${ENDPOINT} is draining`],
    [change('connecting', { from: 'dead' }), undefined, `debug ${ENDPOINT} is connecting`],
    [
      change('alive', { serverId: 'one\ntwo' }),
      'up',
      String.raw`debug ${ENDPOINT} (one\ntwo) is alive`,
    ],
  ])('%j', async (told, event, line) => {
    const { observer, logged, heard } = observing();
    observer.stateChanged(ENDPOINT, told);
    await afterwards();
    expect(logged).toEqual([line]);
    expect(heard).toEqual(event ? [[event, ENDPOINT, told.reason]] : []);
  });
});

test('nobody is told before the agent has finished what it is about', async () => {
  const { observer, heard } = observing();
  observer.stateChanged(ENDPOINT, change('alive'));
  expect(heard).toEqual([]);
  await afterwards();
  expect(heard).toHaveLength(1);
});

test('a client that was closed meanwhile tells nothing any more', async () => {
  const { observer, logged, heard, client } = observing();
  observer.stateChanged(ENDPOINT, change('dead'));
  observer.dropped('unknown call' as never, ENDPOINT);
  client.isOpen = false;
  await afterwards();
  expect({ logged, heard }).toEqual({ logged: [], heard: [] });
});

test('the lines of a client with a name begin with it, escaped', async () => {
  const { observer, logged } = observing('MA\nTH');
  observer.stateChanged(ENDPOINT, change('draining'));
  observer.dropped('unknown call' as never, ENDPOINT);
  await afterwards();
  expect(logged).toEqual([
    String.raw`debug MA\nTH: ${ENDPOINT} is draining`,
    String.raw`debug MA\nTH: Dropped a message of ${ENDPOINT}: unknown call. stats() counts them all.`,
  ]);
});

test('the status follows whether a server can be called', () => {
  const { observer, statuses } = observing();
  observer.usableChanged(true);
  observer.usableChanged(false);
  expect(statuses).toEqual(['connected', 'disconnected']);
});
