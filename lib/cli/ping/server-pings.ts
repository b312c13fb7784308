import { plainText } from '../../core/plain-text.js';
import type { Readiness } from '../../protocol/hello.js';
import type { Dialect, Pong } from '../../protocol/messages.js';
import type { PingOutcome } from './pinger.js';
import { RoundTrips, type RoundTripSummary } from './round-trips.js';

/** What a PONG says of its server. */
export interface ServerFacts {
  /** How the server calls itself, safe to print; undefined where its dialect does not say. */
  readonly serverId: string | undefined;
  readonly dialect: Dialect;
  /** Servers of the older dialects are ready if they answer. */
  readonly state: Readiness;
  /** The share of its places in use, from 0 to 1; undefined where its dialect does not say. */
  readonly load: number | undefined;
}

export function factsOf(pong: Pong): ServerFacts {
  const { dialect } = pong;
  if (pong.dialect === 'negotiated') {
    const { id, state, load } = pong.hello;
    return { serverId: id === '' ? undefined : plainText(id), dialect, state, load };
  }
  const serverId = pong.dialect === 'basic' ? plainText(pong.serverId) : undefined;
  return { serverId, dialect, state: 'ready', load: undefined };
}

/** What all PINGs of one server came to. */
export interface PingSummary {
  readonly endpoint: string;
  readonly pings: number;
  readonly answered: number;
  /** By its latest PONG; undefined without one. */
  readonly facts: ServerFacts | undefined;
  /** Why the latest PING failed; undefined if it did not. */
  readonly failure: string | undefined;
  readonly roundTrip: RoundTripSummary | undefined;
}

/** Counts what becomes of the PINGs of one server. */
export class ServerPings {
  readonly #roundTrips = new RoundTrips();
  #pings = 0;
  #answered = 0;
  #facts: ServerFacts | undefined;
  #failure: string | undefined;

  constructor(readonly endpoint: string) {}

  add(outcome: PingOutcome): void {
    this.#pings++;
    if (outcome.type === 'failed') {
      this.#failure = outcome.reason;
      return;
    }
    this.#answered++;
    this.#failure = undefined;
    this.#facts = factsOf(outcome.pong);
    this.#roundTrips.add(outcome.ms);
  }

  summary(): PingSummary {
    return {
      endpoint: this.endpoint,
      pings: this.#pings,
      answered: this.#answered,
      facts: this.#facts,
      failure: this.#failure,
      roundTrip: this.#roundTrips.summary(),
    };
  }
}
