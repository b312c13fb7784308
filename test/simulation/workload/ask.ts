import type { Chance } from '../time/chance.js';

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
  readonly cancelled: number;
  readonly withDeadline: number;
  /** How often a caller that hears of an end calls again, or cancels another call, there and then. */
  readonly meddling: number;
  readonly maxAttempts: number;
  readonly requestTimeoutMs: number;
}

/** Most streams fit into the credit that they begin with; some need a lot more. */
const SHORT_STREAM = 12;
const LONG_STREAM = 300;

export function drawAsk(workload: Workload, chance: Chance): Ask {
  const kind = drawKind(workload, chance);
  const isStream = kind === 'stream';
  return {
    kind,
    idempotent: chance.isTrue(workload.idempotent),
    maxAttempts: kind === 'broadcast' ? 1 : workload.maxAttempts,
    timeout: chance.isTrue(workload.withDeadline) ? chance.magnitude(1, 10_000) : Infinity,
    requestTimeout: workload.requestTimeoutMs,
    values: isStream ? drawLength(chance) : 1,
    fails: (kind === 'value' || isStream) && chance.isTrue(workload.failing),
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

function drawLength(chance: Chance): number {
  return chance.whole(0, chance.isTrue(0.9) ? SHORT_STREAM : LONG_STREAM);
}

/** The value at that place of the answer to that call. */
export function answerTo(call: number, place: number): string {
  return `${call}/${place}`;
}

/** What the handler of that call says if it fails. */
export function failureOf(call: number): string {
  return `${call} failed`;
}
