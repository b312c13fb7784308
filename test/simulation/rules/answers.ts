import { FreelanceError } from '../../../lib/core/freelance-error.js';
import type { End, Entry } from '../ledger/entry.js';
import type { Timeline } from '../time/timeline.js';
import { answerTo, failureOf } from '../workload/ask.js';
import type { Reach } from './reach.js';
import type { Verdict } from './verdict.js';

/** How far a stream may run ahead: the initial credit, and the largest window of a client. */
const FIRST_CREDIT = 16;
const MOST_UNREAD = 1024;

/** Tolerance for late timers, several of which may follow each other, in ms. */
const SLACK_MS = 20;

/** Ends that no fault of this simulation explains. */
const UNEXPLAINED = new Set(['PROTOCOL', 'BAD_OPTIONS', 'UNAUTHORIZED', 'BROADCAST', 'CANCELLED']);

/** Ends that are impossible once the first value has arrived. */
const BEFORE_ANY_VALUE = new Set(['ECONNREFUSED', 'ECONNRESET', 'OVERLOADED']);

/** Ends that claim that no server has run the call. */
export const DID_NOT_RUN: ReadonlySet<string> = new Set(['ECONNREFUSED', 'OVERLOADED']);

/** Checks what callers get. */
export class Answers {
  readonly #timeline: Timeline;
  readonly #verdict: Verdict;
  readonly #reach: Reach;
  readonly #isFlawless: boolean;

  /** @param isFlawless whether no call may fail */
  constructor(timeline: Timeline, reach: Reach, verdict: Verdict, isFlawless: boolean) {
    this.#timeline = timeline;
    this.#reach = reach;
    this.#verdict = verdict;
    this.#isFlawless = isFlawless;
  }

  valueCame(entry: Entry, value: unknown): void {
    if (!entry.isOpen) {
      this.#verdict.broken('ends once', `${entry.name} got a value after its end (${entry.end})`);
    }
    // Each server of a broadcast starts with its first value.
    const expected = answerTo(entry.number, entry.isBroadcast ? 0 : entry.values);
    if (value !== expected) {
      const rule = String(value).startsWith(`${entry.number}/`) ? 'in order' : 'own answer';
      this.#verdict.broken(rule, `${entry.name} got ${String(value)} instead of ${expected}`);
    }
    const most = entry.read > 0 ? MOST_UNREAD : FIRST_CREDIT;
    if (entry.ask.readsIn !== undefined && entry.values + 1 - entry.read > most) {
      this.#verdict.broken('bounds', `${entry.name} got more than ${most} unread values`);
    }
  }

  /** Called before the end is entered. */
  ending(entry: Entry, end: End, error: unknown): void {
    if (!entry.isOpen) {
      this.#verdict.broken('ends once', `${entry.name} ended as ${end} after it had: ${entry.end}`);
    }
    if (end === 'complete') this.#isWhole(entry);
    if (end === 'handler error' && error !== failureOf(entry.number)) {
      this.#verdict.broken('own answer', `${entry.name} failed with ${String(error)}`);
    }
    if (error instanceof FreelanceError) this.#isHonest(entry, error);
    if (error instanceof FreelanceError && this.#isFlawless) {
      this.#verdict.broken('nothing lost', `${entry.name} failed: ${error.message}`);
    }
    if (end !== 'died') this.#isInTime(entry, end);
  }

  #isWhole({ name, ask: { fails }, values, expected, isBroadcast, executions }: Entry): void {
    // A server of a broadcast may have failed after its value.
    if (isBroadcast ? values < expected : values !== expected || fails) {
      const got = `${values} of ${expected} values${fails ? ' and no error' : ''}`;
      this.#verdict.broken('in order', `${name} is complete with ${got}`);
    }
    if (executions.length === 0 && !isBroadcast) {
      this.#verdict.broken('honest errors', `${name} is complete, but ran nowhere`);
    }
  }

  #isHonest(entry: Entry, { code, message, mayHaveRun }: FreelanceError): void {
    if (!entry.isBroadcast && entry.executions.length > mayHaveRun) {
      this.#lied(entry, `${message} And it may have run at ${mayHaveRun} servers`);
    }
    const isExplained = code === 'CLOSED' ? entry.client.isLeaving : !UNEXPLAINED.has(code);
    // After a value it is a broken stream, whatever broke it; before the first value it is not.
    const isTrue = entry.values > 0 ? !BEFORE_ANY_VALUE.has(code) : code !== 'STREAM_BROKEN';
    if (!isExplained || !isTrue) this.#lied(entry, message);
    if (DID_NOT_RUN.has(code) && !entry.ask.idempotent && entry.executions.length > 0) {
      this.#lied(entry, message);
    }
    if (code !== 'ECONNREFUSED') return;
    const server = this.#reach.ofLong(entry.client, this.#timeline.now);
    if (server) this.#lied(entry, `${message} But ${server} was there all the time`);
  }

  #lied(entry: Entry, message: string): void {
    const { values, executions } = entry;
    const been = `ran ${executions.length} times and got ${values} values`;
    this.#verdict.broken('honest errors', `${entry.name} ${been}, but: ${message}`);
  }

  #isInTime(entry: Entry, end: End): void {
    const { ask, client, startedAt, values } = entry;
    if (client.wasPausedSince(startedAt)) return;
    // One attempt may use the whole time and then be lost; each further attempt has its own.
    const toFirstValue =
      entry.terms.patience + (2 * entry.mostAttempts - 1) * (ask.requestTimeout + SLACK_MS);
    // With a deadline, an attempt that no other server can take over stays open until then.
    const isBounded = ask.timeout < Infinity || values > 0;
    const most = (isBounded ? ask.timeout : toFirstValue) + SLACK_MS;
    const took = this.#timeline.now - startedAt;
    if (took > most) {
      const ms = `${took.toFixed(1)} ms of at most ${most.toFixed(1)}`;
      this.#verdict.broken('in time', `${entry.name} ended as ${end} after ${ms}`);
    }
  }
}
