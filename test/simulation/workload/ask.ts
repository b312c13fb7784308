import type { HedgePolicy } from '../../../lib/core/hedging.js';
import type { Chance } from '../time/chance.js';

/** Of all calls. */
export const PATTERN = 'work';

/** What a caller asks for. The server looks it up, too: only the number of the call travels. */
export interface Ask {
  readonly kind: 'value' | 'stream' | 'event' | 'broadcast';
  readonly idempotent: boolean;
  readonly maxAttempts: number;
  /** In ms; Infinity for no deadline. */
  readonly timeout: number;
  /** How long one attempt may take to its first value, in ms. */
  readonly requestTimeout: number;
  /** The number of values in the answer. */
  readonly values: number;
  /** Whether the handler fails after them. */
  readonly fails: boolean;
  /** Whether the handler never ends unless it is stopped. */
  readonly hangs: boolean;
  /** When the call is hedged if it is not answered; undefined for never. */
  readonly hedge: HedgePolicy | undefined;
  /** Calls with the same key go to the same server if possible. */
  readonly routingKey: string | undefined;
  /** How long the caller takes to read a value, in ms; undefined if it does not report reads. */
  readonly readsIn: number | undefined;
  /** After what time the caller loses interest, in ms; Infinity for never. */
  readonly cancelsAfter: number;
  /** Whether the handler waits for the reader's credit before it yields more. */
  readonly waitsForCredit: boolean;
}

/** What the callers of a world do: how often, and shares of all calls from 0 to 1. */
export interface Workload {
  /** Mean time between the bursts of one client, in ms. */
  readonly pauseMs: number;
  /** The largest burst, in concurrent calls. */
  readonly burst: number;
  readonly streams: number;
  readonly events: number;
  readonly broadcasts: number;
  readonly idempotent: number;
  readonly failing: number;
  readonly hanging: number;
  /** The share of hedged calls among idempotent ones; others cannot be hedged. */
  readonly hedged: number;
  readonly keyed: number;
  readonly cancelled: number;
  readonly withDeadline: number;
  /** How often a caller, on hearing of an end, calls again or cancels another call from within the callback. */
  readonly meddling: number;
  readonly maxAttempts: number;
  /** How often a call has a `maxAttempts` of its own. */
  readonly insistent: number;
  readonly requestTimeoutMs: number;
  /** The largest number of values in a stream; most have at most 12. */
  readonly longestStream: number;
}

/** Most streams fit into their initial credit; some need a lot more. */
const SHORT_STREAM = 12;
export const LONG_STREAM = 300;

export function drawAsk(workload: Workload, chance: Chance): Ask {
  const kind = drawKind(workload, chance);
  const isStream = kind === 'stream';
  const idempotent = chance.isTrue(workload.idempotent);
  const mayBeHedged = idempotent && kind !== 'broadcast';
  return {
    kind,
    idempotent,
    maxAttempts: kind === 'broadcast' ? 1 : drawAttempts(workload, chance),
    timeout: chance.isTrue(workload.withDeadline) ? chance.magnitude(1, 10_000) : Infinity,
    requestTimeout: workload.requestTimeoutMs,
    values: isStream ? drawLength(workload, chance) : 1,
    fails: (kind === 'value' || isStream) && chance.isTrue(workload.failing),
    hangs: kind === 'value' && chance.isTrue(workload.hanging),
    hedge: mayBeHedged && chance.isTrue(workload.hedged) ? drawHedge(chance) : undefined,
    routingKey: chance.isTrue(workload.keyed) ? `key-${chance.whole(1, KEYS)}` : undefined,
    readsIn: isStream && chance.isTrue(0.3) ? chance.magnitude(0.1, 20) : undefined,
    cancelsAfter: chance.isTrue(workload.cancelled) ? chance.magnitude(0.1, 1000) : Infinity,
    waitsForCredit: chance.isTrue(0.5),
  };
}

function drawKind({ streams, events, broadcasts }: Workload, chance: Chance): Ask['kind'] {
  const draw = chance.next();
  if (draw < streams) return 'stream';
  if (draw < streams + events) return 'event';
  return draw < streams + events + broadcasts ? 'broadcast' : 'value';
}

function drawAttempts({ insistent, maxAttempts }: Workload, chance: Chance): number {
  return chance.isTrue(insistent) ? chance.whole(1, MOST_ATTEMPTS) : maxAttempts;
}

function drawLength({ longestStream }: Workload, chance: Chance): number {
  const most = chance.isTrue(0.9) ? SHORT_STREAM : LONG_STREAM;
  return chance.whole(0, Math.min(most, longestStream));
}

/** To all servers at once, which is Model Two of the ZeroMQ guide, or to one more after a typical answer time. */
function drawHedge(chance: Chance): HedgePolicy {
  return {
    after: chance.isTrue(0.3) ? 0 : Math.round(chance.magnitude(1, 1000)),
    max: chance.oneOf([1, 1, 2, Infinity]),
  };
}

const MOST_ATTEMPTS = 5;
const KEYS = 8;

/** The value at that index of that call's answer. */
export function answerTo(call: number, place: number): string {
  return `${call}/${place}`;
}

/** The error of that call's handler, if it fails. */
export function failureOf(call: number): string {
  return `${call} failed`;
}
