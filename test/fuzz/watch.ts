import { existsSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What the process under attack reports about itself. */
export interface Report {
  /** Memory in use after a full collection, in bytes. */
  readonly heap: number;
  readonly rss: number;
  /** The longest delay of the event loop, in ms; on a busy machine, others may have caused it. */
  readonly longestDelay: number;
  /** The longest time for which the loop was blocked while its thread was working, in ms. */
  readonly longestStall: number;
  /** Uncaught exceptions and rejections. */
  readonly faults: readonly string[];
}

const TICK_MS = 10;

/** Watches this process: uncaught errors, blocking of its event loop, memory. */
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
      // A thread that gets no processor is delayed, too, and is not at fault.
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
    // Objects released in this turn are collected in a later one.
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

/** Linux reports how long each thread had a processor; the figures of the process are those of its main thread. */
const MAIN_THREAD = '/proc/self/schedstat';
const isThreadKnown = existsSync(MAIN_THREAD);

/**
 * CPU time of the event loop's thread, in ms. On systems other than Linux it is that of all threads, and ZeroMQ's thread
 * continues while the loop waits for a processor.
 */
function workedMs(): number {
  if (isThreadKnown) return Number.parseInt(readFileSync(MAIN_THREAD, 'utf8'), 10) / 1e6;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
