import type { ServerStats } from '../agents/server/server-stats.js';
import { byMember, counter, gauge, histogram, type Metric, single } from './metric.js';
import { byPattern, errorsByPattern } from './pattern-readings.js';

/**
 * Each has the label `server` as well: the name that the server has in the options of the collector. There are none by
 * client, because each client that starts has a new id, and Prometheus would keep a time series for each.
 */
export const SERVER_METRICS: readonly Metric<ServerStats>[] = [
  counter(
    'freelance_server_calls_total',
    'Calls and events that got a place, by pattern.',
    byPattern(({ calls }) => calls),
  ),
  counter(
    'freelance_server_call_errors_total',
    'Calls and events that ended with an error, by pattern and kind: HANDLER, NO_HANDLER or INTERNAL.',
    errorsByPattern,
  ),
  counter(
    'freelance_server_calls_abandoned_total',
    'Calls that ended because their client did not wait for them any more, by pattern.',
    byPattern(({ cancelled }) => cancelled),
  ),
  histogram(
    'freelance_server_call_duration_seconds',
    'How long calls and events took that were answered or ended with an error, their wait for a place included, by pattern.',
    byPattern(({ latency }) => latency),
  ),
  counter(
    'freelance_server_events_total',
    'Events among the calls and events that got a place.',
    single(({ events }) => events),
  ),
  counter(
    'freelance_server_introspections_total',
    'Calls for the reserved patterns that begin with $freelance., which no other metric counts.',
    single(({ introspections }) => introspections),
  ),
  gauge(
    'freelance_server_running_calls',
    'Calls and events whose handlers run, those that linger included.',
    single(({ running }) => running),
  ),
  gauge(
    'freelance_server_lingering_calls',
    'Abandoned calls whose handlers still run, and hold a place.',
    single(({ lingering }) => lingering),
  ),
  gauge(
    'freelance_server_queued_calls',
    'Calls and events that wait for a place.',
    single(({ queued }) => queued),
  ),
  counter(
    'freelance_server_refused_calls_total',
    'Calls and events that were not run, by the reason that their client was told.',
    byMember('reason', ({ refused }) => refused),
  ),
  counter(
    'freelance_server_calls_refused_per_client_total',
    'Calls and events among those refused as busy whose client had all the places that one client may have.',
    single(({ refusedPerClient }) => refusedPerClient),
  ),
  counter(
    'freelance_server_replayed_calls_total',
    'Calls and events that came again within replayWindow, and did not run again.',
    single(({ replayed }) => replayed),
  ),
  gauge(
    'freelance_server_clients',
    'Connections of clients that were heard recently.',
    single(({ clients }) => clients),
  ),
  gauge(
    'freelance_server_client_keys',
    'Keys or usernames that those clients have.',
    single(({ keys }) => keys),
  ),
  counter(
    'freelance_server_evicted_clients_total',
    'Clients that were forgotten because there were more than maxClients or maxConnections.',
    single(({ evicted }) => evicted),
  ),
  counter(
    'freelance_server_unauthorized_connections_total',
    'Connections that were refused, since they showed no credentials that are authorized.',
    single(({ unauthorized }) => unauthorized),
  ),
  counter(
    'freelance_server_undelivered_messages_total',
    'Messages whose client was gone, or did not read.',
    single(({ undelivered }) => undelivered),
  ),
  counter(
    'freelance_server_dropped_messages_total',
    'Messages of clients that made no sense, by reason.',
    byMember('reason', ({ dropped }) => dropped),
  ),
  counter(
    'freelance_server_sent_bytes_total',
    'Bytes sent to clients, heartbeats included.',
    single(({ bytesSent }) => bytesSent),
  ),
  counter(
    'freelance_server_received_bytes_total',
    'Bytes received from clients, heartbeats included.',
    single(({ bytesReceived }) => bytesReceived),
  ),
  gauge(
    'freelance_server_draining',
    '1 while the server is about to leave: it answers what it has accepted, and takes nothing new.',
    single(({ isDraining }) => (isDraining ? 1 : 0)),
    'max',
  ),
];
