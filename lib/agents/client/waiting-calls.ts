import { CongestionWindow } from '../../core/congestion-window.js';
import { NOT_QUEUED } from '../../core/deadline-queue.js';
import { WaitingLine } from '../../core/waiting-line.js';
import type { Scheduler, Task } from '../scheduler.js';
import type { Call, Server } from './call.js';
import { WaitingForOne } from './waiting-for-one.js';

/**
 * How long a call is out, in ms, until it counts as taken, though it has no answer: servers of this library refuse what
 * they cannot run within their `maxQueueWait`, 100 ms by default.
 */
const TAKEN_AFTER_MS = 250;

/** Gives a call that has waited to a server. @returns whether it waits no longer */
type Serve = (call: Call, now: number) => boolean;

/**
 * The calls of a client that wait.
 *
 * - For room: the servers that are usable have as many as they may have at a time.
 * - For one server alone: it has not answered yet, or has no room. So wait the calls of a broadcast.
 * - For their second round: every server has refused them.
 * - The backlog: no server was usable. It may be large, and the first server that returns cannot take all of it: it is
 *   let out as fast as servers take it, and what they refuse waits on, in front of the others.
 */
export class WaitingCalls implements Task {
  dueAt = Infinity;
  heapIndex = NOT_QUEUED;

  readonly #scheduler: Scheduler;
  readonly #random: () => number;
  readonly #serve: Serve;
  readonly #forRoom = new WaitingLine<Call>();
  readonly #forOne = new WaitingForOne();
  readonly #forSecondRound = new WaitingLine<Call>();
  readonly #backlog = new WaitingLine<Call>();
  readonly #refused = new WaitingLine<Call>();
  /** The open calls that have waited because no server was usable. */
  readonly #fromBacklog = new Set<Call>();
  /** When each of these went out of which is not known yet whether a server has taken it. */
  readonly #underWay = new Map<Call, number>();
  readonly #window = new CongestionWindow();
  /** How many servers could take calls. */
  #usable = 0;

  constructor(scheduler: Scheduler, random: () => number, serve: Serve) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#serve = serve;
  }

  /** Waits for room at a server; or, if none is usable, for the first that is. */
  join(call: Call, now: number): void {
    if (call.only) call.wait(this.#forOne.lineOf(call.only), now);
    else if (this.#usable === 0 || this.isBacklog(call))
      this.#joinBacklog(call, this.#backlog, now);
    else call.wait(this.#forRoom, now);
  }

  /** Waits until it asks the servers once more that have refused it; or for one that was not usable. */
  joinForSecondRound(call: Call, now: number): void {
    call.wait(this.#forSecondRound, now);
  }

  /** Whether it has waited because no server was usable. */
  isBacklog(call: Call): boolean {
    return this.#fromBacklog.has(call);
  }

  /** Every server has refused a call of the backlog: it waits on. */
  refused(call: Call, now: number): void {
    this.#window.refused(this.#underWay.get(call) ?? now - TAKEN_AFTER_MS, now, this.#random);
    call.history?.forgetRefusals();
    this.#joinBacklog(call, this.#refused, now);
    this.#reschedule(now);
  }

  /** A server has taken a call of the backlog. */
  taken(call: Call, now: number): void {
    if (this.#underWay.size === 0 || !this.#underWay.delete(call)) return;
    this.#window.taken();
    this.#letOut(now);
  }

  /** The call is done. */
  forget(call: Call): void {
    // On every call's way: usually there is none.
    if (this.#fromBacklog.size > 0 && this.#fromBacklog.delete(call)) this.#underWay.delete(call);
  }

  /** Servers have come, or have gone. */
  serversChanged(usable: number, now: number): void {
    const before = this.#usable;
    this.#usable = usable;
    this.#forOne.serveAll((call) => this.#serve(call, now));
    if (usable === 0) {
      this.#window.serversWent();
      for (const line of [this.#forRoom, this.#forSecondRound]) this.#strand(line, now);
      return;
    }
    if (usable > before) this.#window.serverCame();
    this.#serveAll(this.#forRoom, now);
    this.#serveAll(this.#forSecondRound, now);
    this.#letOut(now);
  }

  /**
   * A server that was usable before has room. That is nothing to those which it has refused: in an overload
   * they are many, and rooms are gained all the time.
   */
  roomGained(at: Server, now: number): void {
    this.#forOne.serve(at, (call) => this.#serve(call, now));
    if (this.#forRoom.size > 0) this.#serveAll(this.#forRoom, now);
    if (this.#backlogSize > 0 && this.#usable > 0) this.#letOut(now);
  }

  /** Those that wait for any server. */
  *[Symbol.iterator](): Generator<Call> {
    for (const line of [this.#forRoom, this.#forSecondRound, this.#refused, this.#backlog])
      yield* line;
  }

  get isEmpty(): boolean {
    return this.#forRoom.size === 0 && this.#forOne.isEmpty && this.#backlogSize === 0;
  }

  /** Calls have been out for long enough to count as taken, or a pause is over. */
  run(now: number): void {
    for (const [call, since] of this.#underWay) {
      if (now < since + TAKEN_AFTER_MS) break;
      this.#underWay.delete(call);
      this.#window.taken();
    }
    this.#letOut(now);
  }

  get #backlogSize(): number {
    return this.#refused.size + this.#backlog.size;
  }

  #joinBacklog(call: Call, line: WaitingLine<Call>, now: number): void {
    this.#fromBacklog.add(call);
    this.#underWay.delete(call);
    call.wait(line, now);
  }

  /** No server is usable any more: what waits for room, or for a second round, is backlog. */
  #strand(line: WaitingLine<Call>, now: number): void {
    for (const call of line) {
      call.stopWaiting(now);
      call.history?.forgetRefusals();
      this.#joinBacklog(call, this.#backlog, now);
    }
  }

  /** First come, first served. */
  #serveAll(line: WaitingLine<Call>, now: number): void {
    for (const call of line) if (!this.#serve(call, now) && !call.isChoosy) return;
  }

  /** As many of the backlog as the window has room for. */
  #letOut(now: number): void {
    for (const line of [this.#refused, this.#backlog]) {
      for (const call of line) {
        if (this.#window.room(this.#underWay.size, now) === 0) break;
        this.#underWay.set(call, now);
        if (this.#serve(call, now)) continue;
        this.#underWay.delete(call);
        // Nobody has room for a call that would go anywhere: nor for those behind it.
        if (!call.isChoosy) break;
      }
    }
    this.#reschedule(now);
  }

  #reschedule(now: number): void {
    if (this.#backlogSize === 0 || this.#usable === 0) {
      this.#scheduler.cancel(this);
      return;
    }
    const [oldest = Infinity] = this.#underWay.values();
    const { resumesAt } = this.#window;
    const next = resumesAt > now ? resumesAt : Infinity;
    this.#scheduler.schedule(this, Math.min(oldest + TAKEN_AFTER_MS, next));
  }
}
