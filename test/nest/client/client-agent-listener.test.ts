import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { StateChange } from '../../../lib/agents/client/client-agent-options.js';
import { clientAgentListener } from '../../../lib/nest/client/client-agent-listener.js';

const ENDPOINT = 'tcp://10.0.0.1:5555';

const change = (to: StateChange['to'], more: Partial<StateChange> = {}): StateChange => ({
  from: 'connecting',
  to,
  reason: '',
  serverId: undefined,
  name: undefined,
  ...more,
});

/** A listener of an agent, and what it has told to whom. */
function listening(name = '', whenLogged = () => {}) {
  const logged: string[] = [];
  const heard: unknown[][] = [];
  const statuses: string[] = [];
  const events = new EventEmitter();
  const client = { isOpen: true };
  for (const event of ['up', 'down', 'suspect', 'draining']) {
    events.on(event, (...told: unknown[]) => heard.push([event, ...told]));
  }
  const listener = clientAgentListener({
    logger: {
      log: (_kind, line) => logged.push(`log ${line}`),
      warn: (_kind, line) => logged.push(`warn ${line}`),
      debug: (_kind, line) => {
        logged.push(`debug ${line}`);
        whenLogged();
      },
    },
    client: { id: 'client-1', name },
    events,
    status: (status) => statuses.push(status),
    isCurrent: () => client.isOpen,
  });
  return { listener, logged, heard, statuses, client };
}

describe('each state change of a server is logged, and told to listeners', () => {
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
    [
      change('alive', { serverId: 'orders-1', name: 'orders.test' }),
      'up',
      `debug ${ENDPOINT} (orders.test, orders-1) is alive`,
    ],
    [
      change('alive', { serverId: 'orders-1', name: 'orders-1' }),
      'up',
      `debug ${ENDPOINT} (orders-1) is alive`,
    ],
  ])('%j', (told, event, line) => {
    const { listener, logged, heard } = listening();
    listener.stateChanged(ENDPOINT, told);
    expect(logged).toEqual([line]);
    expect(heard).toEqual(event ? [[event, ENDPOINT, told.reason]] : []);
  });
});

test('a client that was closed meanwhile logs nothing, tells no listener and stays disconnected', () => {
  const { listener, logged, heard, statuses, client } = listening();
  client.isOpen = false;
  listener.stateChanged(ENDPOINT, change('dead'));
  listener.dropped('unknown-reply', ENDPOINT);
  listener.usableChanged(true);
  expect({ logged, heard, statuses }).toEqual({ logged: [], heard: [], statuses: [] });
});

test('a call that causes a log line does not lend it its async context', () => {
  const context = new AsyncLocalStorage<string>();
  const contexts: unknown[] = [];
  const { listener } = listening('', () => contexts.push(context.getStore()));
  context.run('of a call', () => {
    listener.stateChanged(ENDPOINT, change('draining'));
    listener.dropped('unknown-reply', ENDPOINT);
  });
  expect(contexts).toEqual([undefined, undefined]);
});

test('log lines of a client begin with its name, escaped', () => {
  const { listener, logged } = listening('MA\nTH');
  listener.stateChanged(ENDPOINT, change('draining'));
  listener.dropped('unknown-reply', ENDPOINT);
  expect(logged).toEqual([
    String.raw`debug MA\nTH: ${ENDPOINT} is draining`,
    String.raw`debug MA\nTH: Dropped a message of ${ENDPOINT}: it answers no call that is in flight (unknown-reply). stats() counts them all.`,
  ]);
});

test('the status is connected while a server can be called', () => {
  const { listener, statuses } = listening();
  listener.usableChanged(true);
  listener.usableChanged(false);
  expect(statuses).toEqual(['connected', 'disconnected']);
});
