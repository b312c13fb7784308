import type { Attributes, Context, Counter, Histogram, Meter } from '@opentelemetry/api';
import { Memo } from '../protocol/memo.js';
import type { ClientAttemptMessage } from '../telemetry/messages.js';
import { type CallStatus, statusAttributes } from './call-status.js';
import {
  ATTEMPT_OUTCOME,
  CLIENT_CALL_DURATION,
  DURATION_BUCKETS,
  RPC_METHOD,
  RPC_SYSTEM_NAME,
  SERVER_CALL_DURATION,
  SYSTEM,
} from './conventions.js';
import { serverAddress } from './server-address.js';

const MS_PER_S = 1000;

/** Why a further attempt is made. */
type Failover = Exclude<ClientAttemptMessage['reason'], 'first'>;

/** A call or an event that has ended. */
export interface Ended {
  readonly method: string;
  /** In ms. */
  readonly duration: number;
  readonly status: CallStatus;
  /** With the call's span, for exemplars. */
  readonly context: Context;
}

/** What is measured of calls when they happen; what is read now and then is in `FigureMetrics`. */
export class CallMetrics {
  readonly #clientCalls: Histogram;
  readonly #serverCalls: Histogram;
  readonly #attempts: Counter;
  readonly #again: Record<Failover, Counter>;
  /** Of durations: they recur. */
  readonly #attributes = new Memo<Attributes>();
  readonly #attemptAttributes = new Memo<Attributes>();

  constructor(meter: Meter) {
    const advice = { explicitBucketBoundaries: DURATION_BUCKETS };
    this.#clientCalls = meter.createHistogram(CLIENT_CALL_DURATION, {
      description: 'Measures the duration of an outgoing Remote Procedure Call (RPC).',
      unit: 's',
      advice,
    });
    this.#serverCalls = meter.createHistogram(SERVER_CALL_DURATION, {
      description: 'Measures the duration of an incoming Remote Procedure Call (RPC).',
      unit: 's',
      advice,
    });
    const counter = (name: string, unit: string, description: string): Counter =>
      meter.createCounter(`freelance.client.${name}`, { unit, description });
    this.#attempts = counter(
      'attempts',
      '{attempt}',
      'Attempts of calls that have ended, by server and outcome.',
    );
    this.#again = {
      retry: counter(
        'retries',
        '{attempt}',
        'Attempts made although an earlier one of their call may have run.',
      ),
      move: counter(
        'moves',
        '{attempt}',
        'Attempts made because no earlier one of their call had run.',
      ),
      hedge: counter(
        'hedges',
        '{attempt}',
        'Attempts made while others of their call were in flight.',
      ),
    };
  }

  /** @param endpoint of the last attempt; undefined of a broadcast, and of a call that was never sent */
  clientCall(call: Ended, endpoint: string | undefined): void {
    this.#record(this.#clientCalls, call, endpoint);
  }

  serverCall(call: Ended): void {
    this.#record(this.#serverCalls, call, undefined);
  }

  attemptSent(reason: Failover, method: string): void {
    this.#again[reason].add(1, methodAttributes(method));
  }

  // Without the method: servers times methods times outcomes would be too many series for a count.
  attemptEnded(endpoint: string, outcome: string): void {
    const key = `${outcome} ${endpoint}`;
    let attributes = this.#attemptAttributes.get(key);
    if (!attributes) {
      const server = serverAddress(endpoint);
      attributes = { [RPC_SYSTEM_NAME]: SYSTEM, ...server, [ATTEMPT_OUTCOME]: outcome };
      this.#attemptAttributes.set(key, attributes);
    }
    this.#attempts.add(1, attributes);
  }

  #record(histogram: Histogram, call: Ended, endpoint: string | undefined): void {
    const { method, duration, status, context } = call;
    const key = `${status.code}\n${status.errorType}\n${endpoint}\n${method}`;
    let attributes = this.#attributes.get(key);
    if (!attributes) {
      const server = endpoint === undefined ? undefined : serverAddress(endpoint);
      attributes = { ...methodAttributes(method), ...server, ...statusAttributes(status) };
      this.#attributes.set(key, attributes);
    }
    histogram.record(duration / MS_PER_S, attributes, context);
  }
}

function methodAttributes(method: string): Attributes {
  return { [RPC_SYSTEM_NAME]: SYSTEM, [RPC_METHOD]: method };
}
