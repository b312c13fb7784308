/**
 * The client and the server of the transport, their options, errors and statistics.
 *
 * @module nestjs-freelance
 */

export type { CallStats, LatencyBucket, LatencyStats } from './agents/call-stats.js';
export type {
  CallErrorKind,
  ClientCallStats,
  ClientStats,
  EndpointStats,
} from './agents/client/client-stats.js';
export type { DiscoveryStats } from './agents/client/discovery-stats.js';
export type { DropReason } from './agents/drop-counter.js';
export type { ServerErrorKind, ServerStats } from './agents/server/server-stats.js';
export type { Balancer, PickContext, ServerView } from './core/balancer.js';
export type { DiscoveryWatch, EndpointDiscovery } from './core/endpoint-discovery.js';
export {
  type AttemptReport,
  type BroadcastFailure,
  FreelanceError,
  type FreelanceErrorCode,
  type FreelanceErrorOptions,
} from './core/freelance-error.js';
export type { PriorityShare } from './core/groups.js';
export type { HealthState } from './core/health.js';
export type { ServerTarget } from './core/server-target.js';
export type { BroadcastReport } from './nest/client/broadcast-report.js';
export type { CloseOptions } from './nest/client/close-options.js';
export type {
  FreelanceClientEvents,
  FreelanceClientListener,
} from './nest/client/client-events.js';
export { FreelanceClientProxy } from './nest/client/freelance-client-proxy.js';
export { AtMostOnce } from './nest/server/at-most-once.js';
export { FreelanceContext } from './nest/server/freelance-context.js';
export type { FreelanceCallOptions, HedgeOptions } from './nest/client/freelance-call-options.js';
export { FreelanceRecord, FreelanceRecordBuilder } from './nest/client/freelance-record.js';
export { FREELANCE_TRANSPORT, type FreelanceStatus } from './nest/freelance-transport.js';
export type {
  FreelanceInfo,
  FreelanceStats,
  ServerLimits,
  ServerState,
} from './nest/server/introspection.js';
export type { PatternInfo } from './nest/server/pattern-list.js';
export type { FreelanceServerEvents } from './nest/server/server-events.js';
export { FreelanceTransportServer } from './nest/server/freelance-transport-server.js';
export type {
  BalancerName,
  FreelanceClientOptions,
  RetryBudgetOptions,
  SubsetOptions,
} from './nest/options/client-options.js';
export type { FreelanceServerOptions } from './nest/options/server-options.js';
export type {
  CurveClientSecurity,
  FreelanceClientSecurity,
  PlainClientSecurity,
} from './nest/options/client-security.js';
export type {
  CurveAuthorizer,
  CurveServerSecurity,
  FreelanceServerSecurity,
  PlainAuthorizer,
  PlainServerSecurity,
} from './nest/options/server-security.js';
export type { TlsClientSecurity } from './nest/options/tls-client-security.js';
export type { TlsAuthorizer, TlsServerSecurity } from './nest/options/tls-server-security.js';
export { generateCurveKeyPair } from './nest/curve-key-pair.js';
export type { Metadata, RefusalReason } from './protocol/headers.js';
export type { MalformedReason } from './protocol/malformed.js';
export type { Dialect } from './protocol/messages.js';
export type { CertificateName, FreelanceCertificate } from './security/certificate.js';
export type { CurveKeyPair } from './security/curve-keys.js';
export type { FreelancePeer } from './security/peer.js';
export type { ServerIdentityCheck } from './security/tls-credentials.js';
export type { FreelanceEngine } from './sockets/engine.js';
export { type AroundHook, type FreelanceInstrument, instrument } from './telemetry/instruments.js';
export type {
  ClientAttemptMessage,
  ClientCallMessage,
  DiscoveryMessage,
  DrainMessage,
  DroppedMessage,
  FailoverMessage,
  RefusedMessage,
  ServerCallMessage,
  ServerStateMessage,
  TelemetryClient,
  TelemetryServer,
} from './telemetry/messages.js';
