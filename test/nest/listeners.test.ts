import { AsyncLocalStorage } from 'node:async_hooks';
import { FreelanceClientProxy, FreelanceTransportServer } from 'nestjs-freelance';
import { beforeEach, describe, expect, test } from 'vitest';
import { Listeners } from '../../lib/nest/listeners.js';

type Events = {
  up: (endpoint: string, reason: string) => unknown;
  error: (error: unknown) => unknown;
};

const heard: unknown[] = [];
const failures: unknown[] = [];
let listeners: Listeners<Events>;

beforeEach(() => {
  heard.length = 0;
  failures.length = 0;
  listeners = new Listeners<Events>({
    owner: 'Owner',
    events: ['up', 'error'],
    failed: (error) => failures.push(error),
  });
});

const hear = (...told: unknown[]) => heard.push(told);

describe('a listener hears no event any more', () => {
  test('once off has removed it', () => {
    listeners.on('up', hear);
    listeners.off('up', hear);
    listeners.emit('up', 'server', '');
    expect(heard).toEqual([]);
  });

  test('once the function that on returned was called, which leaves the same listener added again', () => {
    const unsubscribe = listeners.on('up', hear);
    listeners.on('up', hear);
    unsubscribe();
    unsubscribe();
    listeners.emit('up', 'server', '');
    expect(heard).toHaveLength(1);
  });

  test('after the one that once waited for, even if it causes the next one', () => {
    listeners.once('up', (...told) => {
      hear(...told);
      listeners.emit('up', 'server', 'again');
    });
    listeners.emit('up', 'server', 'first');
    expect(heard).toEqual([['server', 'first']]);
  });

  test('if off removes what once added', () => {
    listeners.once('up', hear);
    listeners.off('up', hear);
    listeners.emit('up', 'server', '');
    expect(heard).toEqual([]);
  });
});

test('off removes one of several, the latest, and does not mind a listener that was not added', () => {
  listeners.on('up', hear);
  listeners.on('up', () => heard.push('other'));
  listeners.on('up', hear);
  listeners.off('up', hear);
  listeners.off('up', () => {});
  listeners.emit('up', 'server', '');
  expect(heard).toEqual([['server', ''], 'other']);
});

test('a listener that throws or rejects costs the others nothing', async () => {
  const broken = new Error('broken');
  listeners.on('up', () => {
    throw broken;
  });
  listeners.on('up', () => Promise.reject(broken));
  listeners.on('up', hear);
  expect(() => listeners.emit('up', 'server', '')).not.toThrow();
  await new Promise(setImmediate);
  expect({ heard, failures }).toEqual({ heard: [['server', '']], failures: [broken, broken] });
});

test('an error event that nobody listens to is not thrown', () => {
  expect(() => listeners.emit('error', new Error('broken'))).not.toThrow();
});

test('a listener runs in the async context in which it was added', () => {
  const user = new AsyncLocalStorage<string>();
  user.run('listener', () => listeners.on('up', () => heard.push(user.getStore())));
  user.run('emitter', () => listeners.emit('up', 'server', ''));
  expect(heard).toEqual(['listener']);
});

describe.each<[string, unknown, string]>([
  [
    'FreelanceClientProxy',
    new FreelanceClientProxy({ endpoints: 'tcp://127.0.0.1:1' }),
    'up, down, suspect, draining',
  ],
  [
    'FreelanceTransportServer',
    new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' }),
    'listening, close, error',
  ],
])('%s', (owner, made, events) => {
  const target = made as Record<
    'on' | 'once' | 'off',
    (event: unknown, listener: unknown) => unknown
  >;
  const [first] = events.split(', ');

  test.each(['on', 'once', 'off'] as const)(
    '%s names the events if it does not know one',
    (method) => {
      expect(() => target[method]('upp', () => {})).toThrow(
        expect.objectContaining({
          code: 'BAD_OPTIONS',
          message: `${owner}.${method}: there is no event "upp". The events are ${events}.`,
        }),
      );
    },
  );

  test.each(['on', 'once', 'off'] as const)('%s says so if it gets no listener', (method) => {
    expect(() => target[method](first, undefined)).toThrow(
      expect.objectContaining({
        code: 'BAD_OPTIONS',
        message: `${owner}.${method}('${first}') takes a function, but got undefined.`,
      }),
    );
  });

  test.each(['on', 'once'] as const)('%s returns what removes the listener', (method) => {
    expect(target[method](first, () => {})).toBeTypeOf('function');
  });
});
