import type { HedgePolicy } from '../../../lib/core/hedging.js';
import type { Chance } from '../time/chance.js';

/** Of all calls. */
export const PATTERN = 'work';

/** What a caller wants. The server knows it too: the number of the call is all that travels. */
export interface Ask {
  readonly kind: 'value' | 'stream' | 'event' | 'broadcast';
  readonly idempotent: boolean;
  readonly maxAttempts: number;
  /** In ms; Infinity for no deadline. */
  readonly timeout: number;
  /** How long one attempt may take to its first value, in ms. */
  readonly requestTimeout: number;
  /** How many values the answer has. */
  readonly values: number;
  /** Whether the handler fails after them. */
  readonly fails: boolean;
  /** Whether the handler never ends, unless it is stopped. */
  readonly hangs: boolean;
  /** When it is given to further servers, if it is not answered; undefined for never. */
  readonly hedge: HedgePolicy | undefined;
  /** Calls of the same key go to the same server, if they can. */
  readonly routingKey: string | undefined;
  /** How long the caller takes to read a value, in ms; undefined if it does not say when it has. */
  readonly readsIn: number | undefined;
  /** After which time its caller loses interest, in ms; Infinity for never. */
  readonly cancelsAfter: number;
  /** Whether the handler looks at the reader's credit before it says more. */
  readonly waitsForCredit: boolean;
}

/** What the callers of a world do: how often, and shares of all calls from 0 to 1. */
export interface Workload {
  /** Mean time between the bursts of one client, in ms. */
  readonly pauseMs: number;
  /** The largest burst: so many calls at once. */
  readonly burst: number;
  readonly streams: number;
  readonly events: number;
  readonly broadcasts: number;
  readonly idempotent: number;
  readonly failing: number;
  readonly hanging: number;
  /** Of those that are idempotent: others may not be hedged. */
  readonly hedged: number;
  readonly keyed: number;
  readonly cancelled: number;
  readonly withDeadline: number;
  /** How often a caller that hears of an end calls again, or cancels another call, there and then. */
  readonly meddling: number;
  readonly maxAttempts: number;
  /** How often a call has a `maxAttempts` of its own. */
  readonly insistent: number;
  readonly requestTimeoutMs: number;
  /** How many values a stream may have; most have 12 at most. */
  readonly longestStream: number;
}

/** Most streams fit into the credit that they begin with; some need a lot more. */
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

/** At once to all, which is Model Two of the ZeroMQ guide; to one more, after as long as an answer may take. */
function drawHedge(chance: Chance): HedgePolicy {
  return {
    after: chance.isTrue(0.3) ? 0 : Math.round(chance.magnitude(1, 1000)),
    max: chance.oneOf([1, 1, 2, Infinity]),
  };
}

const MOST_ATTEMPTS = 5;
const KEYS = 8;

/** The value at that place of the answer to that call. */
export function answerTo(call: number, place: number): string {
  return `${call}/${place}`;
}

/** What the handler of that call says if it fails. */
export function failureOf(call: number): string {
  return `${call} failed`;
}
