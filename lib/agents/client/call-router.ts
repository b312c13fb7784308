import { backoffDelay } from '../../core/backoff.js';
import type { Balancer } from '../../core/balancer.js';
import { rendezvous } from '../../core/balancers/rendezvous.js';
import { FreelanceError, type FreelanceErrorCode } from '../../core/freelance-error.js';
import type { Pool } from '../../core/pool.js';
import { codeOf, SECOND_ROUND } from '../../core/retry.js';
import type { RetryBudget } from '../../core/retry-budget.js';
import { Saturation } from '../../core/saturation.js';
import type { Scheduler } from '../scheduler.js';
import type { Attempt, Call, Server } from './call.js';
import { describeTooLarge, toldOf } from './describe-failure.js';
import { Hedges, mayBeRescued, rescue } from './hedges.js';
import type { OpenCalls } from './open-calls.js';
import type { RetryHistory } from './retry-history.js';
import { codeIfUnsendable, takes } from './sendability.js';
import { Timeouts } from './timeouts.js';
import { WaitingCalls } from './waiting-calls.js';

/**
 * Later than the timer that is running, in ms: the sockets are read first. If it was this client that stood still, what
 * they bring says that its servers did not.
 */
const A_TURN_MS = 1;

export interface CallRouterDeps {
  readonly pool: Pool<Server>;
  readonly scheduler: Scheduler;
  readonly random: () => number;
  readonly open: OpenCalls;
  readonly budget: RetryBudget;
}

/** Is told which calls no server gets. */
export interface CallRouterListener {
  failed(call: Call, error: FreelanceErrorCode | FreelanceError): void;
  /** The attempt had no answer in its time, and nobody waits for it any more. */
  timedOut(attempt: Attempt, outcome: string): void;
}

/** Sends each call to the server that the pool picks, to further ones if it is hedged, or has it wait for one. */
export class CallRouter {
  readonly hedges: Hedges;
  readonly timeouts: Timeouts;
  readonly waiting: WaitingCalls;
  readonly #deps: CallRouterDeps;
  readonly #listener: CallRouterListener;
  readonly #saturation = new Saturation(SECOND_ROUND.max);
  /** How many servers could take calls. */
  #usable = 0;
  #isClosed = false;

  constructor(deps: CallRouterDeps, listener: CallRouterListener) {
    const { budget, random, scheduler } = deps;
    this.#deps = deps;
    this.#listener = listener;
    this.hedges = new Hedges(budget, {
      pick: (call, now) => this.#pickNew(call, now, call.hedging?.isRescue === true),
    });
    this.timeouts = new Timeouts(budget, {
      pickElsewhere: (call, now) => this.#pickNew(call, now, false),
      send: (call, server, now) => this.#send(call, server, now),
      gaveUp: (attempt, outcome) => listener.timedOut(attempt, outcome),
    });
    this.waiting = new WaitingCalls(scheduler, random, (call, now) => this.#serve(call, now));
  }

  /** The servers are closed: what was sent to them would not leave. */
  close(): void {
    this.#isClosed = true;
  }

  /** Gives the call to the best server; if there is none to be had now, it waits. */
  dispatch(call: Call, now: number): void {
    const code = codeIfUnsendable(call);
    if (code) {
      this.#listener.failed(call, code);
      return;
    }
    const { pool } = this.#deps;
    const server = this.#pick(call, now);
    if (server) this.#send(call, server, now);
    // The balancer has failed.
    else if (call.isDone) return;
    else if (call.only) this.#wait(call, now);
    else if (pool.isUnauthorized) this.#listener.failed(call, 'UNAUTHORIZED');
    else if (pool.isRefusedByAll(call.history)) this.#refusedByAll(call, now);
    else this.#wait(call, now);
  }

  /** Sends it to further servers, if that is due. */
  hedge(call: Call, now: number): void {
    this.hedges.send(call, now);
    if (!call.isDone) this.#deps.open.schedule(call, call.nextDueAt);
  }

  /** A server that has it leaves its PINGs unanswered: it goes to one more, if it may. */
  rescue(call: Call, now: number): void {
    if (!mayBeRescued(call, now) || call.hedging?.isRescue) return;
    rescue(call, now + A_TURN_MS);
    this.#deps.open.schedule(call, call.nextDueAt);
  }

  /** Servers may have become usable, or be so no more. */
  serversChanged(now: number): void {
    if (this.#isClosed) return;
    const { pool, open } = this.#deps;
    const before = this.#usable;
    this.#usable = pool.usableCount;
    this.waiting.serversChanged(this.#usable, now);
    if (this.#usable <= before) return;
    for (const call of open) if (call.isLate) this.timeouts.moveOn(call, now);
  }

  /** A server that was usable before has room. */
  roomGained(at: Server, now: number): void {
    if (!this.#isClosed) this.waiting.roomGained(at, now);
  }

  /** The moment has come that was scheduled for a call that waits. */
  waited(call: Call, now: number): void {
    const { history } = call;
    if (history && now >= history.secondRoundAt) {
      this.#beginSecondRound(call, history, now);
    } else if (now < call.waitEndsAt) {
      // Its second round was due, before the servers went.
      this.#deps.open.schedule(call, call.waitEndsAt);
    } else {
      this.#listener.failed(call, this.#codeOfWait(call));
    }
  }

  /** @returns whether it waits no longer */
  #serve(call: Call, now: number): boolean {
    const code = codeIfUnsendable(call);
    if (code) {
      this.#listener.failed(call, code);
      return true;
    }
    const server = this.#pick(call, now);
    if (!server) return call.isDone;
    call.stopWaiting(now);
    this.#send(call, server, now);
    return true;
  }

  #pick(call: Call, now: number): Server | undefined {
    const { only, history } = call;
    if (only) return takes(only, call) && only.hasRoom ? only : undefined;
    try {
      return this.#deps.pool.pick(history, now, balancerOf(call));
    } catch (error) {
      return this.#balancerFailed(call, error);
    }
  }

  #pickNew(call: Call, now: number, isToBeSound: boolean): Server | undefined {
    const { history, request } = call;
    const { pool } = this.#deps;
    if (!history) return undefined;
    try {
      const server = isToBeSound
        ? pool.pickSound(history, now, balancerOf(call))
        : pool.pickNew(history, now, balancerOf(call));
      // It would end the connection; and who has the call already may still answer.
      return server?.isTooSmallFor(request) ? undefined : server;
    } catch (error) {
      return this.#balancerFailed(call, error);
    }
  }

  /** Only a balancer can fail. The call is done. */
  #balancerFailed(call: Call, error: unknown): undefined {
    if (!(error instanceof FreelanceError)) throw error;
    this.#listener.failed(call, toldOf(call, error));
  }

  #send(call: Call, server: Server, now: number): void {
    const { request } = call;
    if (server.isTooSmallFor(request)) {
      const where = { endpoint: server.endpoint, call };
      this.#listener.failed(call, describeTooLarge(request, server.maxMessageSize, where));
      return;
    }
    server.send(call.attemptAt(server, now));
    if (server.isOverdue(now) && mayBeRescued(call, now)) rescue(call, now + A_TURN_MS);
    if (call.hedging) this.hedge(call, now);
    else this.#deps.open.schedule(call, call.nextDueAt);
  }

  #wait(call: Call, now: number): void {
    this.waiting.join(call, now);
    this.#deps.open.schedule(call, call.waitEndsAt);
  }

  /**
   * Servers that are busy may soon not be: all are asked once more, after a pause. Not if they stay busy. What has
   * waited for them to return waits on.
   */
  #refusedByAll(call: Call, now: number): void {
    const { open, random } = this.#deps;
    if (this.waiting.isBacklog(call)) {
      this.waiting.refused(call, now);
      open.schedule(call, call.waitEndsAt);
      return;
    }
    const isBurst = !this.#saturation.refused(now);
    const secondRoundAt = now + backoffDelay(SECOND_ROUND, 0, random);
    if (!isBurst || !call.history?.planSecondRound(secondRoundAt)) {
      this.#listener.failed(call, 'OVERLOADED');
      return;
    }
    this.waiting.joinForSecondRound(call, now);
    open.schedule(call, Math.min(call.waitEndsAt, secondRoundAt));
  }

  #beginSecondRound(call: Call, history: RetryHistory, now: number): void {
    call.stopWaiting(now);
    if (this.#deps.budget.withdraw(now)) {
      history.forgetRefusals();
      this.dispatch(call, now);
    } else {
      history.lackedBudget = true;
      this.#listener.failed(call, 'OVERLOADED');
    }
  }

  /** What a call ends with that has waited for a server, and got none. */
  #codeOfWait(call: Call): FreelanceErrorCode {
    const { pool } = this.#deps;
    const { only, history } = call;
    const isUsable = only ? takes(only, call) : pool.isUsable;
    if (!isUsable) return 'ECONNREFUSED';
    if (history?.failure === undefined || pool.hasElsewhere(history)) return 'OVERLOADED';
    // Those that are there may still run it.
    return codeOf(history.failure);
  }
}

/** Undefined if that of the client chooses. */
function balancerOf({ request: { routingKey } }: Call): Balancer | undefined {
  return routingKey === undefined ? undefined : rendezvous(routingKey);
}
