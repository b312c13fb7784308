import { existsSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What the process under attack says of itself. */
export interface Report {
  /** In use after a full collection, in bytes. */
  readonly heap: number;
  readonly rss: number;
  /** The longest delay of the event loop, in ms: on a busy machine also one that others have caused. */
  readonly longestDelay: number;
  /** The longest time in which the loop stood still, and its thread worked all the while, in ms. */
  readonly longestStall: number;
  /** What no one has caught. */
  readonly faults: readonly string[];
}

const TICK_MS = 10;

/** Watches this process: what it leaves uncaught, how long its event loop stands still, what it keeps. */
export class Watch {
  readonly #faults: string[] = [];
  readonly #delay = monitorEventLoopDelay({ resolution: TICK_MS });
  #longestStall = 0;

  constructor() {
    process.on('uncaughtException', (error) => this.#faults.push(`uncaught: ${error.stack}`));
    process.on('unhandledRejection', (error) => this.#faults.push(`unhandled: ${String(error)}`));
    this.#delay.enable();
    let at = performance.now();
    let worked = workedMs();
    setInterval(() => {
      const now = performance.now();
      const workedNow = workedMs();
      // Who is not given the processor stands still, too, and is not to blame.
      const stall = Math.min(now - at - TICK_MS, workedNow - worked);
      this.#longestStall = Math.max(this.#longestStall, stall);
      at = now;
      worked = workedNow;
    }, TICK_MS).unref();
  }

  async report(): Promise<Report> {
    const report = {
      longestDelay: Math.round(this.#delay.max / 1e6),
      longestStall: Math.round(this.#longestStall),
      faults: [...this.#faults],
    };
    // What was let go in this turn is collected in a later one.
    for (let round = 0; round < 3; round++) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { heapUsed, rss } = process.memoryUsage();
    this.#delay.reset();
    this.#longestStall = 0;
    return { ...report, heap: heapUsed, rss };
  }
}

/** Linux tells of each thread how long it had a processor; of the process it is that of its first one. */
const MAIN_THREAD = '/proc/self/schedstat';
const isThreadKnown = existsSync(MAIN_THREAD);

/**
 * How long the event loop's thread has worked, in ms. Elsewhere than on Linux it is the work of all threads:
 * that of ZeroMQ goes on while the loop waits for a processor.
 */
function workedMs(): number {
  if (isThreadKnown) return Number.parseInt(readFileSync(MAIN_THREAD, 'utf8'), 10) / 1e6;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
