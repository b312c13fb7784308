/*
 * Names of OpenTelemetry's semantic conventions 1.45 for RPC, spelled as @opentelemetry/semantic-conventions 1.45.0 has them in
 * stable_attributes and stable_metrics. They are copied, as the conventions advise for instrumentation, so that this needs no
 * package but the API.
 */

export const RPC_SYSTEM_NAME = 'rpc.system.name';
export const RPC_METHOD = 'rpc.method';
export const RPC_METHOD_ORIGINAL = 'rpc.method_original';
export const RPC_STATUS_CODE = 'rpc.status_code';
export const ERROR_TYPE = 'error.type';
export const SERVER_ADDRESS = 'server.address';
export const SERVER_PORT = 'server.port';

export const CLIENT_CALL_DURATION = 'rpc.client.call.duration';
export const SERVER_CALL_DURATION = 'rpc.server.call.duration';

/** In seconds: the buckets that the conventions advise for both durations (docs/rpc/rpc-metrics.md). */
export const DURATION_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** The value of `rpc.system.name`. The conventions let other systems than the ones they list name themselves. */
export const SYSTEM = 'nestjs-freelance';

/** The value of `rpc.method` where the method is not known, and of `error.type` where the error is not. */
export const OTHER = '_OTHER';

/*
 * Of an attempt: gRPC's names (proposal A72, "OpenTelemetry Tracing").
 */

export const PREVIOUS_ATTEMPTS = 'previous-rpc-attempts';
/** Whether no earlier attempt has reached a handler, so that this one is no retry for the server. */
export const TRANSPARENT_RETRY = 'transparent-retry';

/** The name of the span of an attempt. */
export function attemptName(method: string): string {
  return `Attempt.${method}`;
}

/*
 * Our own, for what no convention has a name.
 */

/** The option `name` of the client, or what stands in for it in the log. */
export const CLIENT_NAME = 'freelance.client.name';
/** Who called, as the client calls itself. */
export const CLIENT_ID = 'freelance.client.id';
/** Who was called, as the server calls itself. */
export const SERVER_ID = 'freelance.server.id';
/** How a client sees a server. */
export const SERVER_STATE = 'freelance.server.state';
/** Of servers: the lowest number is used first. */
export const PRIORITY = 'freelance.priority';
/** `local`, of the client's own zone, or `remote`. */
export const ZONE = 'freelance.zone';
/** `call` or `event`. */
export const KIND = 'freelance.kind';
/** True of a call that goes to every server. */
export const BROADCAST = 'freelance.broadcast';
/** Which attempt this is among those that a server may have run, from 1. */
export const ATTEMPT_NUMBER = 'freelance.attempt.number';
/** How an attempt ended. */
export const ATTEMPT_OUTCOME = 'freelance.attempt.outcome';
/** Where the attempt before was sent, and how that ended. */
export const PREVIOUS_ADDRESS = 'freelance.previous.server.address';
export const PREVIOUS_PORT = 'freelance.previous.server.port';
export const PREVIOUS_OUTCOME = 'freelance.previous.outcome';
