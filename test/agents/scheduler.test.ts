import { expect, test } from 'vitest';
import { Scheduler, type Task } from '../../lib/agents/scheduler.js';
import { NOT_QUEUED } from '../../lib/core/deadline-queue.js';
import { ManualClock } from '../support/manual-clock.js';

function bench() {
  const clock = new ManualClock(0);
  const scheduler = new Scheduler(clock);
  const ran: string[] = [];
  const task = (name: string, then = () => {}): Task => ({
    dueAt: Infinity,
    heapIndex: NOT_QUEUED,
    run: (now) => {
      ran.push(`${name} at ${now}`);
      then();
    },
  });
  return { clock, scheduler, ran, task };
}

test('runs tasks at their moments, with one timer for all of them', () => {
  const { clock, scheduler, ran, task } = bench();
  scheduler.schedule(task('late'), 30);
  scheduler.schedule(task('early'), 10);
  scheduler.schedule(task('middle'), 20);
  expect(clock.timers).toBe(1);
  clock.advance(30);
  expect(ran).toEqual(['early at 10', 'middle at 20', 'late at 30']);
  expect(clock.timers).toBe(0);
});

test('a task that is scheduled again runs only at its new moment', () => {
  const { clock, scheduler, ran, task } = bench();
  const moved = task('moved');
  scheduler.schedule(moved, 10);
  scheduler.schedule(moved, 20);
  clock.advance(30);
  expect(ran).toEqual(['moved at 20']);
});

test('a cancelled task, and one put off for ever, do not run', () => {
  const { clock, scheduler, ran, task } = bench();
  const cancelled = task('cancelled');
  const putOff = task('put off');
  scheduler.schedule(cancelled, 10);
  scheduler.schedule(putOff, 10);
  scheduler.cancel(cancelled);
  scheduler.schedule(putOff, Infinity);
  clock.advance(30);
  expect(ran).toEqual([]);
});

test('a task may schedule itself and others while it runs', () => {
  const { clock, scheduler, ran, task } = bench();
  const again: Task = task('again', () => {
    if (ran.length < 3) scheduler.schedule(again, clock.now() + 5);
  });
  scheduler.schedule(again, 5);
  clock.advance(100);
  expect(ran).toEqual(['again at 5', 'again at 10', 'again at 15']);
});

test('after the process stood still the sockets speak before what seems overdue runs', () => {
  const { clock, scheduler, ran, task } = bench();
  scheduler.schedule(task('overdue'), 10);
  clock.after(20, () => ran.push('what the sockets had'));
  clock.stall(500);
  expect(ran).toEqual(['what the sockets had', 'overdue at 500']);
});

test('stopped, it leaves no timer', () => {
  const { clock, scheduler, task } = bench();
  scheduler.schedule(task('never'), 10);
  scheduler.stop();
  expect(clock.timers).toBe(0);
});

test('stopped by one of its tasks, it runs no other and leaves no timer', () => {
  const { clock, scheduler, ran, task } = bench();
  scheduler.schedule(
    task('closes', () => scheduler.stop()),
    10,
  );
  scheduler.schedule(task('due too'), 10);
  scheduler.schedule(task('later'), 20);
  clock.advance(30);
  expect(ran).toEqual(['closes at 10']);
  expect(clock.timers).toBe(0);
});

test('a task that throws keeps no other one from running', () => {
  const { clock, scheduler, ran, task } = bench();
  const thrower = task('thrower', () => {
    throw new Error('of a listener');
  });
  scheduler.schedule(thrower, 10);
  scheduler.schedule(task('at the same moment'), 10);
  scheduler.schedule(task('later'), 20);
  expect(() => clock.advance(10)).toThrow('of a listener');
  clock.advance(20);
  expect(ran.map((line) => line.replace(/ at \d+$/, ''))).toEqual([
    'thrower',
    'at the same moment',
    'later',
  ]);
});
