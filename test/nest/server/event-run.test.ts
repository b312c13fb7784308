import { of, Subject, throwError } from 'rxjs';
import { expect, test } from 'vitest';
import { EventFailure, runEvent } from '../../../lib/nest/server/event-run.js';
import type { FreelanceContext } from '../../../lib/nest/server/freelance-context.js';
import type { HandlerRunDeps } from '../../../lib/nest/server/handler-run.js';

const CONTEXT = {} as FreelanceContext;
type Handler = Parameters<typeof runEvent>[0];

/** What the hooks saw, and how the run ended, if it has. */
function run(handler: () => unknown, hooks: Partial<HandlerRunDeps> = {}) {
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
  return { told, ended, settle: () => new Promise(setImmediate) };
}

test('an event runs until the Promise of its handler has settled', async () => {
  let finish = () => {};
  const { told, settle } = run(() => new Promise<void>((resolve) => (finish = resolve)));
  await settle();
  expect(told).toEqual(['start']);
  finish();
  await settle();
  expect(told).toEqual(['start', 'end', 'over']);
});

test('an event runs until the Observable of its handler has ended', async () => {
  const values = new Subject<number>();
  const { told, settle } = run(() => Promise.resolve(values));
  values.next(1);
  await settle();
  expect(told).toEqual(['start']);
  values.complete();
  await settle();
  expect(told).toEqual(['start', 'end', 'over']);
});

test('an event ends when its Observable fails, which the exception filters have logged', async () => {
  const { told, settle } = run(() => throwError(() => new Error('no')));
  await settle();
  expect(told).toEqual(['start', 'end', 'over']);
});

test('an event tells how its Observable has failed, and that others have not', async () => {
  const error = new Error('no');
  expect(await run(() => throwError(() => error)).ended).toEqual(
    new EventFailure('HANDLER', error),
  );
  expect(await run(() => of(1)).ended).toBeUndefined();
  expect(await run(() => 'a value').ended).toBeUndefined();
});

test.each([
  ['its handler', () => Promise.reject(new Error('no')), {}, ['start', 'end', 'Error: no']],
  [
    'the hook at its start',
    () => 1,
    { start: () => Promise.reject(new Error('no')) },
    ['Error: The hook setOnProcessingStartHook failed: no'],
  ],
  [
    'the hook at its start, at once,',
    () => 1,
    {
      start: () => {
        throw new Error('no');
      },
    },
    ['Error: The hook setOnProcessingStartHook failed: no'],
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
])('an event ends, and rejects, with what %s throws', async (_who, handler, hooks, expected) => {
  const { told, settle } = run(handler, hooks);
  await settle();
  expect(told).toEqual(expected);
});

test('an event ends if a start hook never runs its handlers', async () => {
  const { told, settle } = run(() => told.push('handler'), { start: () => undefined });
  await settle();
  expect(told).toEqual(['over']);
});

test('a start hook that does not return the run’s promise does not end the event early', async () => {
  const values = new Subject<number>();
  const { told, settle } = run(() => values, { start: (_context, begin) => void begin() });
  await settle();
  expect(told).toEqual([]);
  values.complete();
  await settle();
  expect(told).toEqual(['end', 'over']);
});
