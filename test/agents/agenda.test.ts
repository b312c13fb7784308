import { expect, test } from 'vitest';
import { Agenda, type Task } from '../../lib/agents/agenda.js';
import { NOT_QUEUED } from '../../lib/core/deadline-queue.js';
import { ManualClock } from '../support/manual-clock.js';

function bench() {
  const clock = new ManualClock(0);
  const agenda = new Agenda(clock);
  const ran: string[] = [];
  const task = (name: string, then = () => {}): Task => ({
    dueAt: Infinity,
    place: NOT_QUEUED,
    run: (now) => {
      ran.push(`${name} at ${now}`);
      then();
    },
  });
  return { clock, agenda, ran, task };
}

test('runs tasks at their moments, with one timer for all of them', () => {
  const { clock, agenda, ran, task } = bench();
  agenda.schedule(task('late'), 30);
  agenda.schedule(task('early'), 10);
  agenda.schedule(task('middle'), 20);
  expect(clock.timers).toBe(1);
  clock.advance(30);
  expect(ran).toEqual(['early at 10', 'middle at 20', 'late at 30']);
  expect(clock.timers).toBe(0);
});

test('a task that is scheduled again runs only at its new moment', () => {
  const { clock, agenda, ran, task } = bench();
  const moved = task('moved');
  agenda.schedule(moved, 10);
  agenda.schedule(moved, 20);
  clock.advance(30);
  expect(ran).toEqual(['moved at 20']);
});

test('a cancelled task, and one put off for ever, do not run', () => {
  const { clock, agenda, ran, task } = bench();
  const cancelled = task('cancelled');
  const putOff = task('put off');
  agenda.schedule(cancelled, 10);
  agenda.schedule(putOff, 10);
  agenda.cancel(cancelled);
  agenda.schedule(putOff, Infinity);
  clock.advance(30);
  expect(ran).toEqual([]);
});

test('a task may schedule itself and others while it runs', () => {
  const { clock, agenda, ran, task } = bench();
  const again: Task = task('again', () => {
    if (ran.length < 3) agenda.schedule(again, clock.now() + 5);
  });
  agenda.schedule(again, 5);
  clock.advance(100);
  expect(ran).toEqual(['again at 5', 'again at 10', 'again at 15']);
});

test('after the process stood still the sockets speak before what seems overdue runs', () => {
  const { clock, agenda, ran, task } = bench();
  agenda.schedule(task('overdue'), 10);
  clock.after(20, () => ran.push('what the sockets had'));
  clock.stall(500);
  expect(ran).toEqual(['what the sockets had', 'overdue at 500']);
});

test('stopped, it leaves no timer', () => {
  const { clock, agenda, task } = bench();
  agenda.schedule(task('never'), 10);
  agenda.stop();
  expect(clock.timers).toBe(0);
});

test('stopped by one of its tasks, it runs no other and leaves no timer', () => {
  const { clock, agenda, ran, task } = bench();
  agenda.schedule(
    task('closes', () => agenda.stop()),
    10,
  );
  agenda.schedule(task('due too'), 10);
  agenda.schedule(task('later'), 20);
  clock.advance(30);
  expect(ran).toEqual(['closes at 10']);
  expect(clock.timers).toBe(0);
});

test('a task that throws keeps no other one from running', () => {
  const { clock, agenda, ran, task } = bench();
  const thrower = task('thrower', () => {
    throw new Error('of a listener');
  });
  agenda.schedule(thrower, 10);
  agenda.schedule(task('at the same moment'), 10);
  agenda.schedule(task('later'), 20);
  expect(() => clock.advance(10)).toThrow('of a listener');
  clock.advance(20);
  expect(ran.map((line) => line.replace(/ at \d+$/, ''))).toEqual([
    'thrower',
    'at the same moment',
    'later',
  ]);
});
