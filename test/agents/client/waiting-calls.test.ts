import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../../lib/agents/scheduler.js';
import type { CallListener } from '../../../lib/agents/client/call-contract.js';
import { ClientCallMeter } from '../../../lib/agents/client/client-call-meter.js';
import { Call, type Server } from '../../../lib/agents/client/call.js';
import { WaitingCalls } from '../../../lib/agents/client/waiting-calls.js';
import { callRequest, ObservedCall } from '../../support/client-bench.js';
import { ManualClock } from '../../support/manual-clock.js';

const NOBODY: CallListener<Call> = {
  due: () => {},
  cancelled: () => {},
  read: () => {},
  isAtMostOnce: () => false,
};

/** As much of a server as an attempt's history asks for. */
const SERVER = {
  endpoint: 'a',
  target: { endpoint: 'a' },
  connection: { isOver: false, namesCalls: true },
} as unknown as Server;

/** A call that some server is not to get, so that others may find one where it does not. */
class ChoosyCall extends Call {
  override get isChoosy(): boolean {
    return true;
  }
}

/** Calls that wait, and a test in the place of the servers. */
class Queue {
  readonly clock = new ManualClock(0);
  readonly waiting: WaitingCalls;
  /** The numbers of the calls that went to a server, in their order. */
  readonly served: number[] = [];
  /** Whether a server has room for that call. */
  takes: (call: Call) => boolean = () => true;
  /** What comes of it that a call was served. */
  whenServed: (call: Call) => void = () => {};
  #number = 0;

  constructor() {
    this.waiting = new WaitingCalls(
      new Scheduler(this.clock),
      () => 1,
      (call, now) => {
        if (!this.takes(call)) return false;
        call.stopWaiting(now);
        this.served.push(call.number);
        this.whenServed(call);
        return true;
      },
    );
  }

  get now(): number {
    return this.clock.now();
  }

  make(Kind: typeof Call = Call): Call {
    const [observer, waitBudget] = [new ObservedCall(), 5000];
    return new Kind(
      ++this.#number,
      callRequest(),
      observer,
      this.now,
      waitBudget,
      NOBODY,
      undefined,
      new ClientCallMeter(),
    );
  }

  /** So many calls join those that wait. */
  join(count: number, Kind: typeof Call = Call): Call[] {
    return Array.from({ length: count }, () => {
      const call = this.make(Kind);
      this.waiting.join(call, this.now);
      return call;
    });
  }

  servers(usable: number): void {
    this.waiting.serversChanged(usable, this.now);
  }

  room(): void {
    this.waiting.roomGained(SERVER, this.now);
  }

  /** What was served since this was last asked. */
  news(): number[] {
    return this.served.splice(0);
  }
}

/** The call was there, and was refused. */
function refusedBy(call: Call, server: Server): void {
  const attempt = call.attemptAt(server, 0);
  call.removeAttempt(attempt);
  call.refused(attempt, 'refused: busy');
}

const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, n) => first + n);

describe('for room', () => {
  test('calls are served in their order, and nobody is asked for those behind one that gets none', () => {
    const queue = new Queue();
    queue.servers(1);
    queue.join(4);
    const asked: number[] = [];
    queue.takes = ({ number }) => asked.push(number) > 0 && number < 3;
    queue.room();
    expect([queue.news(), asked]).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
  });

  test('one that only some servers may get does not hold up those behind it', () => {
    const queue = new Queue();
    queue.servers(1);
    queue.join(1, ChoosyCall);
    queue.join(2);
    queue.takes = ({ isChoosy }) => !isChoosy;
    queue.room();
    expect(queue.news()).toEqual([2, 3]);
  });

  test('one that ends while another is served is not served', () => {
    const queue = new Queue();
    queue.servers(1);
    const [, second] = queue.join(3);
    queue.whenServed = ({ number }) => {
      if (number === 1) second?.finish();
    };
    queue.room();
    expect(queue.news()).toEqual([1, 3]);
  });
});

describe('the backlog', () => {
  /** So many calls that waited for the first server, which is there. */
  const backlog = (count: number) => {
    const queue = new Queue();
    const calls = queue.join(count);
    queue.servers(1);
    return { queue, calls };
  };

  test('goes out ten at first, two more for each that is taken, at once', () => {
    const { queue, calls } = backlog(20);
    expect(queue.news()).toEqual(upTo(10));
    if (calls[0]) queue.waiting.taken(calls[0], queue.now);
    expect(queue.news()).toEqual([11, 12]);
    if (calls[0]) queue.waiting.taken(calls[0], queue.now);
    expect(queue.news()).toEqual([]);
  });

  test('has another one out for each that ends unanswered', () => {
    const { queue, calls } = backlog(20);
    queue.news();
    for (const call of calls.slice(0, 3)) queue.waiting.forget(call);
    queue.room();
    expect(queue.news()).toEqual([11, 12, 13]);
  });

  test('has those first that were refused, and one halving for all that were out together', () => {
    const { queue, calls } = backlog(20);
    queue.news();
    for (const call of calls.slice(0, 2)) {
      queue.clock.advance(1);
      queue.waiting.refused(call, queue.now);
    }
    queue.clock.advance(240);
    expect(queue.news()).toEqual([]);
    // After 250 ms the eight that are left count as taken: of the five for which there was room, six are.
    queue.clock.advance(8);
    expect(queue.news()).toEqual([1, 2, 11, 12, 13, 14]);
  });

  test('asks servers again that have refused one of it', () => {
    const { queue, calls } = backlog(1);
    const [call] = calls;
    if (!call) throw new Error('no call');
    refusedBy(call, SERVER);
    queue.waiting.refused(call, queue.now);
    expect(call.history?.wasRefusedBy(SERVER)).toBe(false);
  });

  test('goes on once the pause after a refusal is over, or as soon as another server comes', () => {
    for (const isAnother of [true, false]) {
      const { queue, calls } = backlog(11);
      queue.news();
      for (const call of calls.slice(0, 10)) queue.waiting.refused(call, queue.now);
      expect(queue.news()).toEqual([]);
      if (isAnother) queue.servers(2);
      else queue.clock.advance(100);
      expect(queue.news()).toEqual(upTo(5));
    }
  });

  test('begins anew with ten when all servers have gone', () => {
    const { queue, calls } = backlog(30);
    for (const call of calls.slice(0, 10)) queue.waiting.refused(call, queue.now);
    queue.news();
    queue.takes = () => false;
    queue.servers(0);
    queue.clock.advance(1000);
    queue.takes = () => true;
    queue.servers(1);
    expect(queue.news()).toHaveLength(10);
  });

  test('stays where it is while no server is usable, whoever has room', () => {
    const queue = new Queue();
    queue.join(1);
    queue.room();
    queue.clock.advance(1000);
    expect(queue.news()).toEqual([]);
  });

  test('goes out when there is room again', () => {
    const queue = new Queue();
    queue.join(3);
    queue.takes = () => false;
    queue.servers(1);
    queue.takes = () => true;
    queue.room();
    expect(queue.news()).toEqual([1, 2, 3]);
  });

  test('is not asked for further, once one that would go anywhere finds no room', () => {
    const { queue } = backlog(0);
    queue.servers(0);
    queue.join(3);
    const asked: number[] = [];
    queue.takes = ({ number }) => asked.push(number) < 0;
    queue.servers(1);
    expect(asked).toEqual([1]);
  });

  test('goes past those that only some servers may get, and these take no place of others', () => {
    const queue = new Queue();
    queue.join(12, ChoosyCall);
    queue.join(2);
    queue.takes = ({ isChoosy }) => !isChoosy;
    queue.servers(1);
    expect(queue.news()).toEqual([13, 14]);
  });

  test('has none that ends while another one is let out', () => {
    const queue = new Queue();
    const [, second] = queue.join(3);
    queue.whenServed = ({ number }) => {
      if (number === 1) second?.finish();
    };
    queue.servers(1);
    expect(queue.news()).toEqual([1, 3]);
  });
});

describe('when the last server goes', () => {
  test.each<[string, (queue: Queue, call: Call) => void]>([
    ['for room', (queue, call) => queue.waiting.join(call, queue.now)],
    ['for its second round', (queue, call) => queue.waiting.joinForSecondRound(call, queue.now)],
  ])(
    'what waits %s waits on as backlog, no longer than before, as if nobody had refused it',
    (_, wait) => {
      const queue = new Queue();
      queue.servers(1);
      const call = queue.make();
      refusedBy(call, SERVER);
      wait(queue, call);
      expect(queue.waiting.isBacklog(call)).toBe(false);
      queue.takes = () => false;
      queue.clock.advance(1000);
      queue.servers(0);
      expect([queue.waiting.isBacklog(call), call.waitEndsAt]).toEqual([true, 5000]);
      expect(call.history?.wasRefusedBy(SERVER)).toBe(false);
      queue.takes = () => true;
      queue.servers(1);
      expect(queue.news()).toEqual([call.number]);
    },
  );
});

test('a call that waits for its second round goes to a server that comes', () => {
  const queue = new Queue();
  queue.servers(1);
  const call = queue.make();
  queue.waiting.joinForSecondRound(call, queue.now);
  queue.room();
  expect(queue.news()).toEqual([]);
  queue.servers(2);
  expect(queue.news()).toEqual([call.number]);
});
