import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Scheduler, type Task } from '../../../lib/agents/scheduler.js';
import { Call, type Server } from '../../../lib/agents/client/call.js';
import { OpenCalls } from '../../../lib/agents/client/open-calls.js';
import { ClientCallMeter } from '../../../lib/agents/client/client-call-meter.js';
import { callRequest, ObservedCall } from '../../support/client-bench.js';
import { ManualClock } from '../../support/manual-clock.js';
import { fixSeed } from '../../support/fix-seed.js';

const METER = new ClientCallMeter();

fixSeed(25);

/** The calls look at a link only to tell it from another one. */
const linkTo = (endpoint: string) => ({ endpoint }) as Server;
const A = linkTo('a');
const B = linkTo('b');

/** What its first attempt is called. */
const idOf = (call: Call) => String(call.number);

class RecordingScheduler extends Scheduler {
  readonly tasks = new Set<Task>();

  override schedule(task: Task, dueAt: number): void {
    this.tasks.add(task);
    super.schedule(task, dueAt);
  }
}

/** Open calls, of which a test says what becomes of them when they are due. */
class Bench {
  readonly clock = new ManualClock(0);
  readonly scheduler = new RecordingScheduler(this.clock);
  readonly open = new OpenCalls(this.scheduler);
  /** `call @ moment`, as they fell due. */
  readonly ran: string[] = [];
  whenDue: (call: Call) => void = (call) => this.end(call);

  call(dueAt = Infinity, link?: Server): Call {
    const number = this.open.nextNumber();
    const owner = {
      due: (due: Call, now: number) => {
        this.ran.push(`${due.number} @ ${now}`);
        this.whenDue(due);
      },
      cancelled: () => {},
      read: () => {},
      isAtMostOnce: () => false,
    };
    const call = new Call(number, callRequest(), new ObservedCall(), 0, 0, owner, undefined, METER);
    if (link) call.attemptAt(link, 0);
    this.open.add(call);
    this.open.schedule(call, dueAt);
    return call;
  }

  calls(count: number, link?: Server): Call[] {
    return Array.from({ length: count }, () => this.call(Infinity, link));
  }

  end(call: Call): void {
    call.finish();
    this.open.remove(call);
  }

  /** Uses up so many numbers, for calls that ended at once. */
  passed(count: number): void {
    for (let n = 0; n < count; n++) this.end(this.call());
  }
}

const numbersOf = (calls: Iterable<Call>) => [...calls].map(({ number }) => number);

describe('the number of a call', () => {
  test('is the next one, from 1', () => {
    const bench = new Bench();
    bench.passed(5);
    expect(numbersOf(bench.calls(3))).toEqual([6, 7, 8]);
  });

  test('leaves out those whose slots are taken', () => {
    const bench = new Bench();
    const [, second, , fourth] = bench.calls(4);
    if (!second || !fourth) throw new Error('expected four calls');
    bench.end(second);
    bench.passed(60);
    // There are 64 slots: those of 65, 67 and 68 are those of 1, 3 and 4.
    expect(numbersOf(bench.calls(2))).toEqual([66, 69]);
    bench.end(fourth);
    bench.passed(60);
    expect(bench.open.size).toBe(4);
    expect(numbersOf(bench.open).toSorted((a, b) => a - b)).toEqual([1, 3, 66, 69]);
  });

  test('is never that of another open call, and each is found by it, however many come and go', () => {
    // Either a call begins, or one that is open ends.
    const steps = fc.array(fc.option(fc.nat(), { freq: 3 }), { maxLength: 400 });
    fc.assert(
      fc.property(steps, fc.nat({ max: 300 }), (ends, before) => {
        const bench = new Bench();
        bench.passed(before);
        const open: Call[] = [];
        const ended: Call[] = [];
        for (const end of ends) {
          if (end === null || open.length === 0) open.push(bench.call(Infinity, A));
          else ended.push(...open.splice(end % open.length, 1));
          for (const call of ended.slice(-1)) bench.end(call);
        }
        expect(bench.open.size).toBe(open.length);
        expect(new Set(numbersOf(open)).size).toBe(open.length);
        expect(new Set(bench.open)).toEqual(new Set(open));
        expect(open.every((call) => bench.open.find(idOf(call), A) === call.latest)).toBe(true);
        expect(ended.some((call) => bench.open.find(idOf(call), A))).toBe(false);
        expect(bench.open.over(A).map(({ call }) => call)).toEqual(open);
      }),
      { numRuns: 100 },
    );
  });
});

describe('growth', () => {
  test('keeps every call, and what is known of it', () => {
    const bench = new Bench();
    bench.passed(40);
    const calls = bench.calls(1000, A);
    expect(bench.open.size).toBe(1000);
    expect(numbersOf(calls)).toEqual(Array.from({ length: 1000 }, (_, n) => n + 41));
    expect(calls.map((call) => bench.open.find(idOf(call), A))).toEqual(
      calls.map(({ latest }) => latest),
    );
    for (const call of calls.slice(0, 999)) bench.end(call);
    expect([...bench.open]).toEqual(calls.slice(999));
  });

  test('keeps the moments at which calls are due', () => {
    const bench = new Bench();
    bench.call(10);
    bench.calls(200);
    bench.call(20);
    bench.clock.advance(100);
    expect(bench.ran).toEqual(['1 @ 10', '202 @ 20']);
  });
});

describe('an answer finds its call', () => {
  test('by its id and the link that the call went to', () => {
    const bench = new Bench();
    const [call] = bench.calls(1, A);
    expect(bench.open.find('1', A)).toBe(call?.latest);
    expect(bench.open.find('1', B)).toBeUndefined();
  });

  test.each([
    '',
    '01',
    '1.0',
    ' 1',
    '+1',
    '1e0',
    '0x1',
    '65',
    '-63',
    '4294967297',
    'x',
    'NaN',
    '\xff',
  ])('not by an id that only comes to the same slot: %j', (id) => {
    const bench = new Bench();
    bench.calls(1, A);
    expect(bench.open.find(id, A)).toBeUndefined();
  });

  test('not while the call waits for a server, nor once it has ended', () => {
    const bench = new Bench();
    const call = bench.call(Infinity, A);
    if (call.latest) call.removeAttempt(call.latest);
    expect(bench.open.find('1', A)).toBeUndefined();
    call.attemptAt(B, 0);
    expect(bench.open.find('1.2', A)).toBeUndefined();
    expect(bench.open.find('1', B)).toBeUndefined();
    expect(bench.open.find('1.2', B)).toBe(call.latest);
    bench.end(call);
    expect(bench.open.find('1.2', B)).toBeUndefined();
  });
});

test('a call that has ended cannot end the one that has its slot now', () => {
  const bench = new Bench();
  const [first] = bench.calls(1);
  if (!first) throw new Error('expected a call');
  bench.end(first);
  bench.passed(63);
  const [next] = bench.calls(1, A);
  expect(next?.number).toBe(65);
  bench.open.remove(first);
  expect(bench.open.size).toBe(1);
  expect(bench.open.find('65', A)).toBe(next?.latest);
});

test('what is under way over a link is told, the oldest first, whatever the slots', () => {
  const bench = new Bench();
  bench.passed(62);
  const calls = [A, B, A, A, B].map((link) => bench.call(Infinity, link));
  bench.calls(1);
  expect(bench.open.over(A).map(({ call }) => call.number)).toEqual([63, 65, 66]);
  expect(bench.open.over(B).map(({ call }) => call.number)).toEqual([64, 67]);
  for (const call of calls) bench.end(call);
  expect(bench.open.over(A)).toEqual([]);
});

describe('a call that is due', () => {
  test('is run once, at its moment', () => {
    const bench = new Bench();
    for (const dueAt of [30, 10, 20, 10]) bench.call(dueAt);
    bench.clock.advance(9);
    expect(bench.ran).toEqual([]);
    bench.clock.advance(100);
    expect(bench.ran).toEqual(['2 @ 10', '4 @ 10', '3 @ 20', '1 @ 30']);
    expect(bench.clock.timers).toBe(0);
  });

  test('is run in the order of the moments, if all of them have passed', () => {
    const bench = new Bench();
    for (const dueAt of [30, 10, 40, 20]) bench.call(dueAt);
    bench.clock.stall(100);
    expect(bench.ran).toEqual(['2 @ 100', '4 @ 100', '1 @ 100', '3 @ 100']);
  });

  test('is not run if it has ended before', () => {
    const bench = new Bench();
    const first = bench.call(10);
    bench.call(20);
    bench.end(first);
    bench.clock.advance(100);
    expect(bench.ran).toEqual(['2 @ 20']);
  });

  test('is not run if one that was due before it has ended it', () => {
    const bench = new Bench();
    const [first, second] = [bench.call(10), bench.call(20)];
    bench.whenDue = () => {
      bench.end(first);
      bench.end(second);
    };
    bench.clock.stall(100);
    expect(bench.ran).toEqual(['1 @ 100']);
    expect(bench.clock.timers).toBe(0);
  });

  test('is run later, if one that was due before it has put it off', () => {
    const bench = new Bench();
    const [first, second] = [bench.call(10), bench.call(20)];
    bench.whenDue = (call) => {
      if (call === first) bench.open.schedule(second, 150);
      bench.end(call);
    };
    bench.clock.stall(100);
    expect(bench.ran).toEqual(['1 @ 100']);
    bench.clock.advance(100);
    expect(bench.ran).toEqual(['1 @ 100', '2 @ 150']);
  });

  test('may be given another moment again and again', () => {
    const bench = new Bench();
    bench.whenDue = (call) => bench.open.schedule(call, bench.clock.now() + 10);
    bench.call(10);
    bench.clock.advance(45);
    expect(bench.ran).toEqual(['1 @ 10', '1 @ 20', '1 @ 30', '1 @ 40']);
  });

  test('may begin others, which are run at their moments', () => {
    const bench = new Bench();
    bench.whenDue = (call) => {
      bench.end(call);
      if (call.number === 1) for (const dueAt of [30, 15]) bench.call(dueAt);
    };
    bench.call(10);
    bench.clock.advance(100);
    expect(bench.ran).toEqual(['1 @ 10', '3 @ 15', '2 @ 30']);
  });

  test('may begin so many others that there must be more slots', () => {
    const bench = new Bench();
    bench.whenDue = (call) => {
      bench.end(call);
      if (call.number === 1) for (let n = 0; n < 500; n++) bench.call(20);
    };
    bench.call(10);
    bench.call(10);
    bench.clock.advance(100);
    expect(bench.ran).toHaveLength(502);
    expect(new Set(bench.ran).size).toBe(502);
    expect(bench.open.size).toBe(0);
  });
});

describe('the moment of a call', () => {
  test('is the last that was said', () => {
    const bench = new Bench();
    const [later, sooner, never] = [bench.call(10), bench.call(50), bench.call(10)];
    bench.open.schedule(later, 40);
    bench.open.schedule(sooner, 20);
    bench.open.schedule(never, Infinity);
    bench.clock.advance(1000);
    expect(bench.ran).toEqual(['2 @ 20', '1 @ 40']);
    expect(bench.clock.timers).toBe(0);
  });

  test('that never comes asks for nothing', () => {
    const bench = new Bench();
    bench.calls(3);
    expect(bench.clock.timers).toBe(0);
  });

  test('is one task for all of them', () => {
    const bench = new Bench();
    for (let n = 100; n > 0; n--) bench.call(n);
    expect(bench.clock.timers).toBe(1);
    bench.clock.advance(1000);
    expect(bench.ran).toHaveLength(100);
    expect([...bench.scheduler.tasks]).toEqual([bench.open]);
  });

  test('is found by a look at the calls that are left, when the first has come', () => {
    const bench = new Bench();
    const calls = [10, 20, 30, 40].map((dueAt) => bench.call(dueAt));
    for (const call of calls.slice(0, 3)) bench.end(call);
    bench.clock.advance(10);
    expect(bench.open.dueAt).toBe(40);
    bench.call(35);
    expect(bench.open.dueAt).toBe(35);
    bench.clock.advance(30);
    expect(bench.ran).toEqual(['5 @ 35', '4 @ 40']);
    expect(bench.open.dueAt).toBe(Infinity);
    bench.call(60);
    bench.clock.advance(100);
    expect(bench.ran.at(-1)).toBe('6 @ 60');
  });
});
