import type { ClientCallStats, ClientStats, EndpointStats } from '../agents/client/client-stats.js';
import type { HealthState } from '../core/health.js';
import { callShareReadings } from './call-shares.js';
import {
  byMember,
  counter,
  gauge,
  histogram,
  type Metric,
  optional,
  type Reading,
  single,
} from './metric.js';
import { byPattern, errorsByPattern } from './pattern-readings.js';

/** All of them, so that a state without servers is 0, and not absent. */
const STATES: readonly HealthState[] = ['connecting', 'alive', 'suspect', 'draining', 'dead'];

/** Each has the label `client` as well: the name that the client has in the options of the collector. */
export const CLIENT_METRICS: readonly Metric<ClientStats>[] = [
  counter(
    'freelance_client_calls_total',
    'Calls and events that have begun, by pattern.',
    byPattern(({ calls }) => calls),
  ),
  counter(
    'freelance_client_call_errors_total',
    'Calls and events that ended with an error, by pattern and kind: a code of FreelanceError, or HANDLER for what a handler threw.',
    errorsByPattern,
  ),
  counter(
    'freelance_client_calls_cancelled_total',
    'Calls that ended because nobody waited for them any more, by pattern.',
    byPattern(({ cancelled }) => cancelled),
  ),
  histogram(
    'freelance_client_call_duration_seconds',
    'How long calls and events took that were answered or ended with an error, retries included, by pattern.',
    byPattern(({ latency }) => latency),
  ),
  counter(
    'freelance_client_retries_total',
    'Attempts that were sent although an earlier one of their call may have run, by pattern.',
    byPattern<ClientCallStats>(({ retried }) => retried),
  ),
  counter(
    'freelance_client_moves_total',
    'Attempts that were sent because no earlier one of their call had run, by pattern.',
    byPattern<ClientCallStats>(({ moved }) => moved),
  ),
  counter(
    'freelance_client_hedges_total',
    'Attempts that were sent while others of their call were in flight, by pattern.',
    byPattern<ClientCallStats>(({ hedged }) => hedged),
  ),
  counter(
    'freelance_client_hedges_won_total',
    'Hedges that answered first.',
    single(({ hedges }) => hedges.won),
  ),
  gauge(
    'freelance_client_pending_calls',
    'Calls and events that are open: in flight, or waiting for a server.',
    single(({ pending }) => pending),
  ),
  gauge(
    'freelance_client_retry_budget_tokens',
    'Attempts beyond the first of a call that may be made now. Near 0, calls fail that could have been tried again.',
    single(({ retryBudget }) => retryBudget),
  ),
  counter(
    'freelance_client_panic_attempts_total',
    'Attempts that were sent while less than half of the servers of each priority were alive, so that failing ones were used, too.',
    single(({ panics }) => panics),
  ),
  counter(
    'freelance_client_dropped_messages_total',
    'Messages of servers that made no sense, by reason.',
    byMember('reason', ({ dropped }) => dropped),
  ),
  gauge('freelance_client_servers', 'Servers that the client watches, by state.', serversByState),
  gauge(
    'freelance_client_unwatched_servers',
    'Servers beyond the subset that the client watches.',
    single(({ unwatched }) => unwatched.length),
  ),
  gauge(
    'freelance_client_discovered_servers',
    'Servers that the discovery of the client names. Absent without a discovery.',
    optional(({ discovery }) => discovery?.servers),
  ),
  gauge(
    'freelance_client_discovery_failing',
    '1 while the discovery of the client fails, and its last servers stay, else 0. Absent without a discovery.',
    optional(({ discovery }) => discovery && (discovery.isFailing ? 1 : 0)),
  ),
  gauge(
    'freelance_client_call_share_ratio',
    "Part of the calls that goes to servers of this priority, in the client's own zone (local) or not (remote). Absent while there is one priority, and no zone to choose.",
    callShareReadings,
    'average',
  ),
  gauge(
    'freelance_client_endpoint_alive',
    '1 while the server at this address answers and is used, else 0.',
    byEndpoint(({ state }) => (state === 'alive' ? 1 : 0)),
  ),
  gauge(
    'freelance_client_heartbeat_latency_seconds',
    'Smoothed round-trip time of heartbeats to the server at this address.',
    heartbeats,
    'average',
  ),
  counter(
    'freelance_client_ejections_total',
    'How often the server at this address had to rest because its calls timed out, or failed more often than elsewhere.',
    byEndpoint(({ ejections }) => ejections),
  ),
  counter(
    'freelance_client_attempts_total',
    'Attempts that were sent to the server at this address, by reason: first of their call, move, retry or hedge.',
    attempts,
  ),
  counter(
    'freelance_client_attempt_errors_total',
    'Attempts that failed at the server at this address, by kind.',
    attemptErrors,
  ),
  counter(
    'freelance_client_attempts_refused_total',
    'Attempts that the server at this address refused, or that did not reach it. They did not run.',
    byEndpoint(({ refused }) => refused),
  ),
  gauge(
    'freelance_client_pending_attempts',
    'Attempts in flight at the server at this address.',
    byEndpoint(({ pending }) => pending),
  ),
  histogram(
    'freelance_client_attempt_duration_seconds',
    'How long attempts took that the server at this address answered, or that failed there.',
    byEndpoint(({ latency }) => latency),
  ),
  counter(
    'freelance_client_sent_bytes_total',
    'Bytes sent to the server at this address, heartbeats included.',
    byEndpoint(({ bytesSent }) => bytesSent),
  ),
  counter(
    'freelance_client_received_bytes_total',
    'Bytes received from the server at this address, heartbeats included.',
    byEndpoint(({ bytesReceived }) => bytesReceived),
  ),
];

function byEndpoint(read: (stats: EndpointStats) => Reading[1]): (stats: ClientStats) => Reading[] {
  return ({ endpoints }) =>
    Object.entries(endpoints).map(([endpoint, stats]) => [{ endpoint }, read(stats)]);
}

function serversByState({ endpoints }: ClientStats): Reading[] {
  const states = Object.values(endpoints).map(({ state }) => state);
  return STATES.map((state) => [{ state }, states.filter((each) => each === state).length]);
}

/** A server that was never heard has none. */
function heartbeats({ endpoints }: ClientStats): Reading[] {
  return Object.entries(endpoints).flatMap(([endpoint, { heartbeatLatencyMs }]): Reading[] =>
    heartbeatLatencyMs === undefined ? [] : [[{ endpoint }, heartbeatLatencyMs / 1000]],
  );
}

function attempts({ endpoints }: ClientStats): Reading[] {
  return Object.entries(endpoints).flatMap(([endpoint, { calls, retried, moved, hedged }]) => {
    const counts = {
      first: calls - retried - moved - hedged,
      move: moved,
      retry: retried,
      hedge: hedged,
    };
    return Object.entries(counts).map(([reason, count]): Reading => [{ endpoint, reason }, count]);
  });
}

function attemptErrors({ endpoints }: ClientStats): Reading[] {
  return Object.entries(endpoints).flatMap(([endpoint, { errors }]) =>
    Object.entries(errors).map(([error, count]): Reading => [{ endpoint, error }, count]),
  );
}
