import { ClientCallMeter } from '../../lib/agents/client/client-call-meter.js';
import {
  type CallErrorKind,
  type ClientCallStats,
  type ClientStats,
  type EndpointStats,
  noClientStats,
} from '../../lib/agents/client/client-stats.js';
import { CallMeter } from '../../lib/agents/call-meter.js';
import {
  noServerStats,
  type ServerErrorKind,
  type ServerStats,
} from '../../lib/agents/server/server-stats.js';
import { FreelanceClientProxy, FreelanceTransportServer } from '../../lib/index.js';

/** Of calls that took so long, in ms, of which some failed. */
export function clientCalls(
  ms: readonly number[],
  failed: readonly CallErrorKind[] = [],
): ClientCallStats {
  const meter = new ClientCallMeter();
  for (const each of ms) {
    meter.began();
    meter.answered(each);
  }
  for (const kind of failed) {
    meter.began();
    meter.failed(kind, 1);
  }
  return meter.stats();
}

export function serverCalls(ms: readonly number[], failed: readonly ServerErrorKind[] = []) {
  const meter = new CallMeter<ServerErrorKind>();
  for (const each of ms) {
    meter.began();
    meter.answered(each);
  }
  for (const kind of failed) {
    meter.began();
    meter.failed(kind, 1);
  }
  return meter.stats();
}

export function endpointStats(stats: Partial<EndpointStats> = {}): EndpointStats {
  return {
    ...clientCalls([]),
    serverId: undefined,
    name: undefined,
    service: undefined,
    zone: undefined,
    weight: 1,
    priority: 0,
    state: 'alive',
    heartbeatLatencyMs: undefined,
    latencyMs: undefined,
    failures: 0,
    ejections: 0,
    lastSeenMs: undefined,
    bytesSent: 0,
    bytesReceived: 0,
    refused: 0,
    dialect: 'negotiated',
    ...stats,
  };
}

/** A client whose statistics are what the test says. It never connects. */
export class StatedClient extends FreelanceClientProxy {
  /** How often it was asked. */
  asked = 0;

  constructor(public stated: Partial<ClientStats> = {}) {
    super({ endpoints: 'tcp://127.0.0.1:1' });
  }

  override stats(): ClientStats {
    this.asked++;
    return { ...noClientStats(), ...this.stated };
  }
}

/** A server whose statistics are what the test says. It never listens. */
export class StatedServer extends FreelanceTransportServer {
  constructor(public stated: Partial<ServerStats> = {}) {
    super({ bind: 'tcp://127.0.0.1:*' });
  }

  override stats(): ServerStats {
    return { ...noServerStats(), ...this.stated };
  }
}
