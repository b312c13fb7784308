import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Admission } from '../../lib/core/admission.js';

const POLICY = { maxConcurrency: 2, maxQueue: 3, maxQueueWait: 100 };

/** Both places are taken. */
function busy() {
  const admission = new Admission<string>(POLICY);
  expect([admission.enter(), admission.enter(), admission.enter()]).toEqual([true, true, false]);
  return admission;
}

test('free places go to the jobs that have waited longest, one per place', () => {
  const admission = busy();
  for (const job of ['a', 'b', 'c']) admission.wait(job, 0);
  expect(admission.next(0)).toBeUndefined();
  admission.leave();
  expect([admission.next(0), admission.next(0)]).toEqual(['a', undefined]);
  admission.withdraw('b', 0);
  admission.leave();
  expect([admission.next(0), admission.next(0)]).toEqual(['c', undefined]);
  expect(admission).toMatchObject({ running: 2, queued: 0 });
});

test('a job that may not begin yet keeps its turn and holds up nobody', () => {
  const admission = busy();
  for (const job of ['a', 'b', 'c']) admission.wait(job, 0);
  admission.leave();
  expect(admission.next(0, () => false)).toBeUndefined();
  expect(admission.next(0, (job) => job !== 'a')).toBe('b');
  admission.leave();
  expect(admission.next(0)).toBe('a');
});

test('dismiss yields all waiting jobs in order', () => {
  const admission = busy();
  for (const job of ['a', 'b', 'c']) admission.wait(job, 0);
  expect([...admission.dismiss()]).toEqual(['a', 'b', 'c']);
  expect(admission).toMatchObject({ running: 2, queued: 0 });
});

test('it is full when all places are taken and the queue is full, and no longer once a job leaves', () => {
  const admission = busy();
  for (const job of ['a', 'b', 'c']) {
    expect(admission.isFull).toBe(false);
    admission.wait(job, 0);
  }
  expect(admission.isFull).toBe(true);
  admission.leave();
  expect(admission.isFull).toBe(false);
  admission.enter();
  admission.withdraw('b', 0);
  expect(admission.isFull).toBe(false);
});

test('the load includes waiting jobs and is at most 1', () => {
  const admission = new Admission<string>({ ...POLICY, maxConcurrency: 4 });
  const loads = [admission.load];
  for (let job = 0; job < 4; job++) {
    admission.enter();
    loads.push(admission.load);
  }
  admission.wait('a', 0);
  expect([...loads, admission.load]).toEqual([0, 0.25, 0.5, 0.75, 1, 1]);
  for (let job = 0; job < 3; job++) admission.leave();
  expect(admission.load).toBe(0.5);
});

describe('a job may wait', () => {
  test('for maxQueueWait, if the queue was empty recently', () => {
    const admission = busy();
    expect([admission.wait('a', 0), admission.wait('b', 100)]).toEqual([100, 100]);
  });

  test('for a twentieth of that, if the queue stands', () => {
    const admission = busy();
    admission.wait('a', 0);
    expect(admission.wait('b', 101)).toBe(5);
  });

  test.each<[string, (admission: Admission<string>) => void]>([
    ['all waiting jobs got places', (admission) => (admission.leave(), admission.next(0))],
    ['all waiting jobs left', (admission) => admission.withdraw('a', 0)],
    ['all waiting jobs were dismissed', (admission) => [...admission.dismiss()]],
  ])('for the full time again once %s', (_how, empty) => {
    const admission = busy();
    admission.wait('a', 0);
    empty(admission);
    expect(admission.wait('b', 500)).toBe(100);
  });

  test('for a twentieth while any job waits, even after others left', () => {
    const admission = busy();
    admission.wait('a', 0);
    admission.wait('b', 0);
    admission.withdraw('a', 50);
    expect(admission.wait('c', 101)).toBe(5);
  });

  test('without a bound, if none is set', () => {
    const admission = new Admission<string>({ ...POLICY, maxQueueWait: Infinity });
    expect([admission.wait('a', 0), admission.wait('b', 1e9)]).toEqual([Infinity, Infinity]);
  });

  test('for a twentieth in a queue that is empty only because most jobs were turned away', () => {
    const admission = busy();
    for (let job = 0; job < 100; job++) admission.turnAway(0);
    expect(admission.wait('a', 0)).toBe(5);
    admission.withdraw('a', 1);
    expect(admission.wait('b', 1)).toBe(5);
  });

  test('for the full time again once that was long ago', () => {
    const admission = busy();
    for (let job = 0; job < 100; job++) admission.turnAway(1000);
    expect(admission.wait('a', 1100)).toBe(5);
    admission.withdraw('a', 1100);
    expect(admission.wait('a', 1201)).toBe(100);
  });

  test('for the full time again once most jobs got places', () => {
    const admission = busy();
    for (let job = 0; job < 100; job++) admission.turnAway(0);
    for (let job = 0; job < 70; job++) {
      admission.leave();
      admission.enter();
    }
    expect(admission.wait('a', 0)).toBe(100);
  });
});

describe('a job would wait in vain', () => {
  /** Every 2 ms one waiting job gets a place. */
  function served() {
    const admission = busy();
    for (let at = 0; at < 200; at += 2) {
      admission.wait(`at ${at}`, at);
      admission.leave();
      admission.next(at);
    }
    return admission;
  }

  test('in a standing queue, behind as many jobs as get places within its time', () => {
    const admission = served();
    admission.wait('a', 200);
    expect(admission.wouldWaitInVain(301)).toBe(false);
    admission.wait('b', 301);
    admission.wait('c', 301);
    expect(admission.wouldWaitInVain(301)).toBe(true);
  });

  test('behind exactly that many, unless a place is free', () => {
    const admission = busy();
    admission.wait('a', 0);
    admission.leave();
    // The first gap of 10 ms, smoothed, is one.
    admission.next(10);
    for (const job of ['b', 'c', 'd']) admission.wait(job, 20);
    expect(admission.wouldWaitInVain(121)).toBe(false);
    admission.wait('e', 121);
    expect(admission.wouldWaitInVain(121)).toBe(true);
    admission.leave();
    expect(admission.wouldWaitInVain(121)).toBe(false);
  });

  test('in no other queue', () => {
    const admission = served();
    for (const job of ['a', 'b', 'c']) admission.wait(job, 200);
    expect(admission.wouldWaitInVain(300)).toBe(false);
  });

  test('never if no job waits in front of it', () => {
    const admission = served();
    for (let job = 0; job < 100; job++) admission.turnAway(0);
    expect(admission.wouldWaitInVain(200)).toBe(false);
  });
});

/** The same rules, as simply as possible. */
class Model {
  readonly running: number[] = [];
  readonly waiting: number[] = [];
  readonly refused: number[] = [];

  come(job: number): void {
    if (this.running.length < POLICY.maxConcurrency) this.running.push(job);
    else if (this.waiting.length < POLICY.maxQueue) this.waiting.push(job);
    else this.refused.push(job);
  }

  end(which: number): void {
    if (which >= this.running.length) return;
    this.running.splice(which, 1);
    this.running.push(...this.waiting.splice(0, 1));
  }

  giveUp(which: number): void {
    this.waiting.splice(which, 1);
  }
}

/** The same by Admission itself. */
class Real extends Model {
  readonly admission = new Admission<number>(POLICY);

  override come(job: number): void {
    if (this.admission.isFull) {
      this.refused.push(job);
    } else if (this.admission.enter()) {
      this.running.push(job);
    } else {
      this.admission.wait(job, job);
      this.waiting.push(job);
    }
  }

  override end(which: number): void {
    if (which >= this.running.length) return;
    this.running.splice(which, 1);
    this.admission.leave();
    for (let job = this.admission.next(0); job !== undefined; job = this.admission.next(0)) {
      this.waiting.splice(this.waiting.indexOf(job), 1);
      this.running.push(job);
    }
  }

  override giveUp(which: number): void {
    for (const job of this.waiting.splice(which, 1)) this.admission.withdraw(job, 0);
  }
}

test('behaves like the model for any sequence of arrivals, ends and withdrawals', () => {
  const step = fc.record({
    does: fc.constantFrom('come' as const, 'end' as const, 'giveUp' as const),
    which: fc.nat(3),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const model = new Model();
      const real = new Real();
      for (const [at, { does, which }] of steps.entries()) {
        for (const one of [model, real]) one[does](does === 'come' ? at : which);
        const { running, waiting, refused } = model;
        expect(real).toMatchObject({ running, waiting, refused });
        expect(real.admission).toMatchObject({ running: running.length, queued: waiting.length });
      }
    }),
  );
});
