import type { Clock, Environment } from '../../../lib/agents/clock.js';
import type { Chance } from '../time/chance.js';
import type { Timeline } from '../time/timeline.js';

/** Observes what processes do. */
export interface ProcessObserver {
  acted(process: Process): void;
  threw(process: Process, error: unknown): void;
}

/**
 * One life of a program: its clock, its timers, and what it receives. While it is stopped, or its event loop is blocked,
 * both wait. Once it is killed, none of its code runs again.
 */
export class Process implements Environment {
  readonly clock: Clock;
  readonly random: () => number;
  readonly atTurnEnd: (run: () => void) => void;
  readonly bornAt: number;
  /** It closes everything in order to exit. */
  isLeaving = false;
  readonly #timeline: Timeline;
  readonly #observer: ProcessObserver;
  readonly #inbox: (() => void)[] = [];
  readonly #lateTimers: (() => void)[] = [];
  #isAlive = true;
  #isCatchingUp = false;
  #stops = 0;
  #blocks = 0;
  #stoppedSince = Infinity;
  #pausedSince = Infinity;
  #pausedLastAt = -Infinity;
  #timers = 0;

  constructor(
    /** For example `server-1#2`: the second process of that host. */
    readonly name: string,
    readonly host: string,
    timeline: Timeline,
    chance: Chance,
    observer: ProcessObserver,
  ) {
    this.#timeline = timeline;
    this.#observer = observer;
    this.bornAt = timeline.now;
    this.random = chance.next;
    this.atTurnEnd = (run) => timeline.atTurnEnd(() => this.#act(run));
    // Clocks of different machines share nothing but their pace.
    const offset = chance.between(0, 1e6);
    this.clock = {
      now: () => timeline.now + offset,
      // As in Node: whole milliseconds, at least one, and a little late.
      after: (ms, run) => this.#after(Math.max(1, Math.trunc(ms)) + chance.next(), run),
    };
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Stopped as by SIGSTOP, including its I/O threads. */
  get isStopped(): boolean {
    return this.#stops > 0;
  }

  get stoppedSince(): number {
    return this.#stoppedSince;
  }

  /** Since when its event loop has been blocked. */
  get pausedSince(): number {
    return this.#pausedSince;
  }

  get isPaused(): boolean {
    return this.#stops + this.#blocks > 0;
  }

  /** Whether it was stopped or blocked at any time since then. */
  wasPausedSince(moment: number): boolean {
    return this.isPaused || this.#pausedLastAt >= moment;
  }

  /** The number of active timers. */
  get timers(): number {
    return this.#timers;
  }

  /** Work for its event loop. */
  hear(run: () => void): void {
    if (!this.#isAlive) return;
    if (this.isPaused || this.#isCatchingUp) this.#inbox.push(() => this.#act(run));
    else this.#act(run);
  }

  /** The same, from another socket: after a stall, it may be read before what arrived earlier. */
  hearBeside(run: () => void): void {
    const isLate = this.isPaused || this.#isCatchingUp;
    if (this.#isAlive && isLate && this.random() < 0.5) this.#inbox.unshift(() => this.#act(run));
    else this.hear(run);
  }

  /** Work for its I/O threads, which run while the event loop is blocked. */
  receive(run: () => void): void {
    if (!this.#isAlive) return;
    if (this.isStopped || this.#isCatchingUp) this.#inbox.push(run);
    else run();
  }

  /** The same, for an engine without I/O threads. */
  receiveInLoop(run: () => void): void {
    if (!this.#isAlive) return;
    if (this.isPaused || this.#isCatchingUp) this.#inbox.push(run);
    else run();
  }

  stop(): void {
    if (this.#stops++ === 0) this.#stoppedSince = this.#timeline.now;
    this.#paused();
  }

  continue(): void {
    if (--this.#stops === 0) this.#stoppedSince = Infinity;
    this.#resumed();
  }

  block(): void {
    this.#blocks++;
    this.#paused();
  }

  unblock(): void {
    this.#blocks--;
    this.#resumed();
  }

  kill(): void {
    this.#isAlive = false;
    this.#inbox.length = 0;
    this.#lateTimers.length = 0;
  }

  #paused(): void {
    if (this.#pausedSince === Infinity) this.#pausedSince = this.#timeline.now;
  }

  /** As in Node, overdue timers run before arrived messages are read. */
  #resumed(): void {
    this.#pausedLastAt = this.#timeline.now;
    if (this.isPaused) return;
    this.#pausedSince = Infinity;
    const { now } = this.#timeline;
    for (const run of this.#lateTimers.splice(0)) this.#timeline.at(now, () => this.#fire(run));
    this.#catchUp();
  }

  /** One message per turn; new ones queue behind. */
  #catchUp(): void {
    this.#isCatchingUp = this.#inbox.length > 0;
    if (!this.#isCatchingUp) return;
    this.#timeline.at(this.#timeline.now, () => {
      if (this.isPaused) return;
      this.#isCatchingUp = false;
      this.#inbox.shift()?.();
      this.#catchUp();
    });
  }

  #after(ms: number, run: () => void): () => void {
    let isPending = true;
    this.#timers++;
    const over = () => {
      if (!isPending) return false;
      isPending = false;
      this.#timers--;
      return true;
    };
    const happening = this.#timeline.in(ms, () => this.#fire(() => over() && run()));
    return () => {
      if (over()) happening.run = undefined;
    };
  }

  #fire(run: () => void): void {
    if (this.isPaused) this.#lateTimers.push(run);
    else this.#act(run);
  }

  #act(run: () => void): void {
    if (!this.#isAlive) return;
    this.#observer.acted(this);
    try {
      run();
    } catch (error) {
      this.#observer.threw(this, error);
    }
  }
}
