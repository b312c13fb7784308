import type { Backoff } from '../../core/backoff.js';
import type { Balancer } from '../../core/balancer.js';
import type { HealthPolicy, HealthState } from '../../core/health.js';
import type { HeartbeatPolicy } from '../../core/heartbeat.js';
import type { RetryBudgetPolicy } from '../../core/retry-budget.js';
import type { ServerTarget } from '../../core/server-target.js';
import type { SubsetPolicy } from '../../core/subset.js';
import { CAPABILITIES, type Hello, PROTOCOL_VERSION } from '../../protocol/hello.js';
import type { DropReason } from '../drop-counter.js';
import type { Failover } from './attempt-reports.js';
import type { ServerOrigin } from './server-origin.js';

export interface ClientAgentOptions {
  readonly clientId: string;
  /** The servers at first. */
  readonly targets: readonly ServerTarget[];
  /** Who names others later, by `replaceServers`; undefined if nobody does. */
  readonly origin?: ServerOrigin | undefined;
  readonly heartbeat: HeartbeatPolicy;
  readonly maxFailures: number;
  readonly connectTimeout: number;
  readonly backoff: Backoff;
  readonly balancer: Balancer;
  readonly maxPending: number;
  readonly maxPendingPerServer: number;
  readonly maxMessageSize: number;
  readonly retryBudget: RetryBudgetPolicy;
  /** Whether the server is to blame for what a call failed with. Must not throw. */
  readonly isFailure: (error: unknown) => boolean;
  /** The zone that calls stay in as far as its servers can take them. */
  readonly zone?: string | undefined;
  /** A server that says it is of another service is not called. */
  readonly service?: string | undefined;
  /** Undefined: all servers are watched. */
  readonly subset?: SubsetPolicy | undefined;
}

/** A change of a server, as a user may hear of it. */
export interface StateChange {
  readonly from: HealthState;
  readonly to: HealthState;
  /** Empty where there is nothing to explain. */
  readonly reason: string;
  /** How the server calls itself; undefined if it has not said. */
  readonly serverId: string | undefined;
  /** The name under which it was found; undefined without one. */
  readonly name: string | undefined;
}

/** What happens to an agent that is worth telling: to a log, to listeners. */
export interface ClientAgentListener {
  stateChanged(endpoint: string, change: StateChange): void;
  /** Whether there is a server to call. */
  usableChanged(isUsable: boolean): void;
  /** A call goes to a further server. */
  failedOver(failover: Failover): void;
  dropped(reason: DropReason, endpoint: string): void;
}

export interface HealthPolicies {
  readonly usual: HealthPolicy;
  /** While no server is usable, dead ones are probed as often as living ones are pinged. */
  readonly urgent: HealthPolicy;
}

export function healthPolicies(
  { maxFailures, heartbeat, backoff }: ClientAgentOptions,
  mayEject: () => boolean,
): HealthPolicies {
  const { interval, timeout } = heartbeat;
  const earlyBackoff = { ...backoff, max: Math.min(backoff.max, interval) };
  const times = { probeTimeout: timeout, baseEjectionTime: timeout };
  const usual = { maxFailures, mayEject, ...times, backoff, earlyBackoff };
  return { usual, urgent: { ...usual, backoff: earlyBackoff } };
}

/** A client is always ready: what it says of itself is who it is and what it can do. */
export function clientHello({ clientId, heartbeat, maxMessageSize }: ClientAgentOptions): Hello {
  return {
    protocol: PROTOCOL_VERSION,
    id: clientId,
    capabilities: CAPABILITIES,
    state: 'ready',
    load: 0,
    heartbeat: heartbeat.interval,
    maxMessageSize,
  };
}
