/** A client, as the messages of channels name it. */
export interface TelemetryClient {
  /** The id that servers see: `client.id`. */
  readonly id: string;
  /** The option `name`, or what stands in for it in the log; empty if the client has one server alone. */
  readonly name: string;
}

/** A server, as the messages of channels name it. */
export interface TelemetryServer {
  /** The option `serverId`. */
  readonly id: string;
  /** The addresses at which it listens. */
  readonly endpoints: readonly string[];
}

/** A call or an event of a client, from its subscription to its end: the message of `nestjs-freelance:client:call`. */
export interface ClientCallMessage {
  /** An event has no answer: it ends once a server has accepted it. */
  readonly kind: 'call' | 'event';
  /** The pattern; an object as its JSON, with sorted members. */
  readonly pattern: string;
  /** Whether it goes to every server. */
  readonly isBroadcast: boolean;
  /** Who makes it. */
  readonly client: TelemetryClient;
  /** The metadata of the call that it is made on behalf of (`setParent`); undefined without one. */
  readonly parentMetadata: Readonly<Record<string, string>> | undefined;
  /**
   * Sent along with the call: hooks and subscribers of `start` may add text, such as `traceparent`. It overrides the client's
   * option `metadata` and what `setParent` passes on, and not what `setMetadata` has set.
   */
  readonly metadata: Record<string, string>;
  /** In ms of `performance.now()`. */
  readonly startedAt: number;
  /** When it ended; undefined before. */
  endedAt: number | undefined;
  /** `cancelled`: the caller has left. Undefined before the end. */
  outcome: 'answered' | 'failed' | 'cancelled' | undefined;
  /** What the caller gets, if it failed. */
  error?: unknown;
}

/** One attempt of a call at one server: the message of `nestjs-freelance:client:attempt`. */
export interface ClientAttemptMessage {
  /** The call: the same object that `nestjs-freelance:client:call` has published. */
  readonly call: ClientCallMessage;
  /** The server's address. */
  readonly endpoint: string;
  /** How the server calls itself; undefined if it has not said. */
  readonly serverId: string | undefined;
  /** The number of this attempt among those that a server may have run, from 1. */
  readonly number: number;
  /**
   * - `first`: the first attempt of the call
   * - `move`: no earlier one had run: it was refused, or did not leave
   * - `retry`: an earlier one may have run
   * - `hedge`: others are in flight
   */
  readonly reason: 'first' | 'move' | 'retry' | 'hedge';
  /**
   * Hooks may replace values of the call's `metadata` for this attempt alone, such as `traceparent`: what an attempt sends is
   * never longer than what its call was checked for, so other keys and longer values are left out.
   */
  readonly metadata: Record<string, string>;
  /** In ms of `performance.now()`. */
  readonly startedAt: number;
  /** When it ended; undefined before. */
  endedAt: number | undefined;
  /**
   * - `completed`: the server has answered
   * - `failed`: it has answered with an error
   * - `unreadable`: its answer cannot be decoded
   * - `refused`: it did not run the call
   * - `undelivered`: the attempt did not leave this process
   * - `lost`: the connection was lost
   * - `timed-out`: no answer came in time
   * - `outrun`: another attempt of the call answered first
   * - `abandoned`: nobody waits for it any more
   */
  outcome:
    | 'completed'
    | 'failed'
    | 'unreadable'
    | 'refused'
    | 'undelivered'
    | 'lost'
    | 'timed-out'
    | 'outrun'
    | 'abandoned'
    | undefined;
}

/** A call or an event that got a place at a server, from the start of its handler: the message of `nestjs-freelance:server:call`. */
export interface ServerCallMessage {
  /** An event has no answer. */
  readonly kind: 'call' | 'event';
  /** The pattern, as the client has named it; an object as its JSON. */
  readonly pattern: string;
  /** Whether there is a handler for it. If not, a client may have made the pattern up: it should name no span and no metric. */
  readonly hasHandler: boolean;
  /** Who runs it. */
  readonly server: TelemetryServer;
  /** The caller's id; undefined in the older dialects. */
  readonly clientId: string | undefined;
  /** What the caller has sent along. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Which attempt of the call this is, from 1. */
  readonly attempt: number;
  /** When the request came, in ms of `performance.now()`. */
  readonly arrivedAt: number;
  /** When its handler began. */
  readonly startedAt: number;
  /** When it ended; undefined before. */
  endedAt: number | undefined;
  /**
   * - `answered`: its handler has done what was asked
   * - `failed`: it was answered with an error; of an event, a handler has failed
   * - `abandoned`: nobody waited for it any more
   */
  outcome: 'answered' | 'failed' | 'abandoned' | undefined;
  /** How it failed, as in the `errors` of `stats()`; undefined unless it did. */
  errorKind?: 'HANDLER' | 'NO_HANDLER' | 'INTERNAL';
  /** What it was answered with, if it failed; of an event, what its handler threw. */
  error?: unknown;
}

/** A client sees a server in another state: the message of `nestjs-freelance:client:server-state`. */
export interface ServerStateMessage {
  /** Whose view it is. */
  readonly client: TelemetryClient;
  /** The server's address. */
  readonly endpoint: string;
  /** How the server calls itself; undefined if it has not said. */
  readonly serverId: string | undefined;
  /** The name under which a discovery has found it; undefined without one. */
  readonly name: string | undefined;
  /** The states are those of `stats().endpoints[…].state`. */
  readonly from: string;
  /** The state from now on. */
  readonly to: string;
  /** A few words for people; may be empty. */
  readonly reason: string;
}

/** A client's discovery names other servers, or fails: the message of `nestjs-freelance:client:discovery`. */
export interface DiscoveryMessage {
  /** Whose discovery it is. */
  readonly client: TelemetryClient;
  /** The discovery's own name for itself. */
  readonly discovery: string;
  /** The addresses of all the servers that it names now. */
  readonly servers: readonly string[];
  /** Those of them that it did not name before. */
  readonly added: readonly string[];
  /** Those that it names no more. */
  readonly removed: readonly string[];
  /** What went wrong, if something did: what the discovery threw or warned of, or a text. The servers stay the same. */
  readonly error: unknown;
}

/** A call goes to a further server: the message of `nestjs-freelance:client:failover`. */
export interface FailoverMessage {
  /** Whose call it is. */
  readonly client: TelemetryClient;
  /** The pattern of the call. */
  readonly pattern: string;
  /** As in `ClientAttemptMessage`. */
  readonly reason: 'move' | 'retry' | 'hedge';
  /** Where it goes. */
  readonly endpoint: string;
  /** Where it was before; undefined if its attempt did not leave. */
  readonly from: string | undefined;
  /** What became of it there, for people; undefined of a hedge, which leaves it there. */
  readonly outcome: string | undefined;
}

/** A message that made no sense and was dropped: of `nestjs-freelance:client:dropped` and `:server:dropped`. */
export interface DroppedMessage {
  /** Who dropped it: the id of a client or a server. */
  readonly id: string;
  /** As in `stats().dropped`. */
  readonly reason: string;
  /** The server that sent it; undefined at a server. */
  readonly endpoint: string | undefined;
}

/** A server does not run a call: the message of `nestjs-freelance:server:refused`. */
export interface RefusedMessage {
  /** Who refuses it. */
  readonly server: TelemetryServer;
  /** As in `stats().refused`. */
  readonly reason: string;
  /** Undefined of a client of an older dialect, whose requests are not read before they are refused. */
  readonly pattern: string | undefined;
}

/** A server begins to leave, or has left: the message of `nestjs-freelance:server:drain`. */
export interface DrainMessage {
  /** Who leaves. */
  readonly server: TelemetryServer;
  /** `ended`: its addresses are free. Where a server leaves at once, as with `drainTimeout: 0`, it is the only message. */
  readonly phase: 'began' | 'ended';
}
