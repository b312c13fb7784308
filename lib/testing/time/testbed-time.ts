import { type Environment, systemEnvironment } from '../../agents/clock.js';
import { setTimeout } from '../../node-timers.js';
import { badOptions } from '../../nest/options/bad-options.js';
import { shown } from '../../nest/options/shown.js';
import { memorySockets } from '../../sockets/memory/memory-sockets.js';
import type { SocketPort } from '../../sockets/socket-port.js';
import { EventLoop, nextTurn } from './event-loop.js';
import { seededRandom } from './seeded-random.js';
import type { TestbedClock } from './testbed-clock.js';
import { VirtualClock } from './virtual-clock.js';

/** Time, chance and sockets of one testbed. */
export interface TestbedTime {
  readonly environment: Environment;
  readonly sockets: SocketPort;
  readonly clock: TestbedClock;
  /** Waits for something that the testbed's client and servers do by themselves, and that may take them time. */
  passUntil<Value>(done: Promise<Value>): Promise<Value>;
  stop(): void;
}

export function realTime(): TestbedTime {
  const { clock } = systemEnvironment;
  const startedAt = clock.now();
  return {
    environment: systemEnvironment,
    sockets: memorySockets(),
    clock: {
      now: () => clock.now() - startedAt,
      advance: () => Promise.reject(new Error(REAL)),
    },
    passUntil: (done) => done,
    stop() {},
  };
}

/** How far the clock advances at once, in ms: a day. Each heartbeat of it is sent, a second of work for each half an hour. */
const MOST_MS = 86_400_000;

/** The same for each testbed, so that a test does the same each time. */
const SEED = 1;

export function virtualTime(): TestbedTime {
  const loop = new EventLoop();
  const clock = new VirtualClock(loop);
  return {
    environment: { ...systemEnvironment, clock, random: seededRandom(SEED) },
    sockets: memorySockets({ turns: loop.turns }),
    clock: {
      now: () => clock.now(),
      advance: async (ms) => {
        if (typeof ms !== 'number' || !(ms >= 0 && ms <= MOST_MS))
          throw badOptions(
            `clock.advance takes ms from 0 to ${MOST_MS}, a day, but got ${shown(ms)}`,
          );
        await clock.advance(ms);
      },
    },
    async passUntil(done) {
      const waiting = { isOver: false };
      const over = () => (waiting.isOver = true);
      done.then(over, over);
      await loop.settle();
      while (!waiting.isOver) await passInRealTime(clock);
      return done;
    },
    stop: () => clock.stop(),
  };
}

/** In ms. */
const STEP = 10;

/** Users' code may be waiting for files or databases: time then passes no faster than it does. */
async function passInRealTime(clock: VirtualClock): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, STEP));
  await clock.advance(STEP);
  await nextTurn();
}

const REAL =
  "This testbed runs in real time, which nobody can advance: create it with time: 'virtual', or wait.";
