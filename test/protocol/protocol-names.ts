import type { BodyType } from '../../lib/protocol/body.js';
import type {
  RefusalReason,
  ReplyHeaders,
  ReplyStatus,
  RequestHeaders,
} from '../../lib/protocol/headers.js';
import type { Capability, Hello, Readiness } from '../../lib/protocol/hello.js';
import type { MalformedReason } from '../../lib/protocol/malformed.js';
import type {
  ClientMessage,
  Dialect,
  PackableByClient,
  PackableByServer,
  ServerMessage,
} from '../../lib/protocol/messages.js';
import type {
  FreelanceInfo,
  FreelanceStats,
  ServerLimits,
} from '../../lib/nest/server/introspection.js';
import type { PatternInfo } from '../../lib/nest/server/pattern-list.js';

/**
 * Whoever adds to the protocol adds a vector: the compiler asks for the new name in these lists, and the tests for a vector with it.
 */
export type Names<Name extends string> = Readonly<Record<Name, true>>;

export const namesOf = <Name extends string>(names: Names<Name>) => Object.keys(names) as Name[];

export const REASONS: Names<MalformedReason> = {
  'no-delimiter': true,
  'unknown-command': true,
  'wrong-frame-count': true,
  'invalid-utf8': true,
  'invalid-json': true,
  'invalid-id': true,
  'invalid-hello': true,
  'invalid-headers': true,
  'invalid-credit': true,
  'invalid-pack': true,
};

export const REFUSALS: Names<RefusalReason> = {
  busy: true,
  draining: true,
  expired: true,
  unready: true,
  'may-have-run': true,
};

export const STATUSES: Names<ReplyStatus> = {
  next: true,
  last: true,
  end: true,
  error: true,
  refused: true,
};

export const BODY_TYPES: Names<BodyType> = { json: true, text: true, bytes: true };

export const CAPABILITY_NAMES: Names<Capability> = {
  event: true,
  stream: true,
  cancel: true,
  drain: true,
  pack: true,
};

export const STATES: Names<Readiness> = { ready: true, unready: true, draining: true };

export const HELLO: Names<keyof Hello> = {
  protocol: true,
  id: true,
  capabilities: true,
  state: true,
  load: true,
  heartbeat: true,
  maxMessageSize: true,
  lost: true,
  service: true,
  zone: true,
  weight: true,
  atMostOnce: true,
};

export const REQUEST_HEADERS: Names<keyof RequestHeaders> = {
  pattern: true,
  type: true,
  serialized: true,
  attempt: true,
  timeout: true,
  credit: true,
  metadata: true,
  mayHaveRun: true,
};

/** Members that mean something only if they are `true`, so that no value of them is malformed. */
export const FLAGS = ['serialized', 'mayHaveRun'];

export const REPLY_HEADERS: Names<keyof ReplyHeaders> = {
  status: true,
  type: true,
  serialized: true,
};

/** Which messages there are in which dialects; those of no dialect are in the negotiated one, or in `any`. */
type Kind<Message> = Message extends { type: infer Type extends string; dialect: infer Of }
  ? `${Of & Dialect} ${Type}`
  : Message extends { type: infer Type extends string }
    ? `negotiated ${Type}`
    : never;

export const TO_SERVER: Names<Kind<ClientMessage>> = {
  'basic ping': true,
  'tracked ping': true,
  'guide ping': true,
  'negotiated ping': true,
  'basic request': true,
  'tracked request': true,
  'guide request': true,
  'negotiated request': true,
  'negotiated event': true,
  'negotiated cancel': true,
  'negotiated credit': true,
  'negotiated goodbye': true,
};

export const TO_CLIENT: Names<Kind<Exclude<ServerMessage, { type: 'denied' }>> | 'any denied'> = {
  'basic pong': true,
  'tracked pong': true,
  'guide pong': true,
  'negotiated pong': true,
  'basic reply': true,
  'tracked reply': true,
  'guide reply': true,
  'negotiated reply': true,
  'negotiated ack': true,
  'negotiated goodbye': true,
  'any denied': true,
};

export const PACKED: Names<
  `to-server ${PackableByClient['type']}` | `to-client ${PackableByServer['type']}`
> = {
  'to-server request': true,
  'to-server event': true,
  'to-server cancel': true,
  'to-server credit': true,
  'to-server goodbye': true,
  'to-client reply': true,
  'to-client ack': true,
  'to-client goodbye': true,
};

export const INFO: Names<keyof FreelanceInfo> = {
  id: true,
  library: true,
  service: true,
  zone: true,
  weight: true,
  nest: true,
  node: true,
  engine: true,
  pid: true,
  startedAt: true,
  uptimeMs: true,
  endpoints: true,
  state: true,
  mechanism: true,
  patterns: true,
  morePatterns: true,
  limits: true,
};

export const LIMITS: Names<keyof ServerLimits> = {
  maxConcurrency: true,
  maxConcurrencyPerClient: true,
  maxQueue: true,
  maxQueueWait: true,
  maxMessageSize: true,
  maxClients: true,
  maxConnections: true,
  drainTimeout: true,
  replayWindow: true,
};

export const PATTERNS: Names<keyof PatternInfo> = {
  pattern: true,
  kind: true,
  atMostOnce: true,
  description: true,
};

export const STATS: Names<keyof FreelanceStats> = {
  id: true,
  at: true,
  uptimeMs: true,
  state: true,
  stats: true,
};
