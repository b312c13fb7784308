import { Subject, throwError } from 'rxjs';
import { expect, test } from 'vitest';
import { runEvent } from '../../lib/nest/server/event-run.js';
import type { FreelanceContext } from '../../lib/nest/server/freelance-context.js';
import type { RunHost } from '../../lib/nest/server/handler-run.js';

const CONTEXT = {} as FreelanceContext;
type Handler = Parameters<typeof runEvent>[0];

/** What the hooks saw, and how the run ended, if it has. */
function run(handler: () => unknown, hooks: Partial<RunHost> = {}) {
  const told: string[] = [];
  const ended = runEvent(handler as Handler, 'data', CONTEXT, {
    start: (_context, begin) => (told.push('start'), begin()),
    end: () => told.push('end'),
    ...hooks,
  });
  ended.then(
    () => told.push('over'),
    (error: unknown) => told.push(String(error)),
  );
  return { told, settle: () => new Promise(setImmediate) };
}

test('an event is over when the Promise of its handler is', async () => {
  let finish = () => {};
  const { told, settle } = run(() => new Promise<void>((resolve) => (finish = resolve)));
  await settle();
  expect(told).toEqual(['start']);
  finish();
  await settle();
  expect(told).toEqual(['start', 'end', 'over']);
});

test('an event is over when the Observable of its handler is', async () => {
  const values = new Subject<number>();
  const { told, settle } = run(() => Promise.resolve(values));
  values.next(1);
  await settle();
  expect(told).toEqual(['start']);
  values.complete();
  await settle();
  expect(told).toEqual(['start', 'end', 'over']);
});

test('an Observable that fails is over: the filters have told the log', async () => {
  const { told, settle } = run(() => throwError(() => new Error('no')));
  await settle();
  expect(told).toEqual(['start', 'end', 'over']);
});

test.each([
  ['its handler', () => Promise.reject(new Error('no')), {}, ['start', 'end', 'Error: no']],
  [
    'the hook at its start',
    () => 1,
    { start: () => Promise.reject(new Error('no')) },
    ['Error: no'],
  ],
  [
    'the hook at its end',
    () => 1,
    {
      end: () => {
        throw new Error('no');
      },
    },
    ['start', 'Error: no'],
  ],
])('what is thrown by %s ends it', async (_who, handler, hooks, expected) => {
  const { told, settle } = run(handler, hooks);
  await settle();
  expect(told).toEqual(expected);
});

test('a hook that keeps the event from its handlers ends it', async () => {
  const { told, settle } = run(() => told.push('handler'), { start: () => undefined });
  await settle();
  expect(told).toEqual(['over']);
});

test('a hook that does not return what it runs does not end it early', async () => {
  const values = new Subject<number>();
  const { told, settle } = run(() => values, { start: (_context, begin) => void begin() });
  await settle();
  expect(told).toEqual([]);
  values.complete();
  await settle();
  expect(told).toEqual(['end', 'over']);
});
