import type { Frame } from '../frame.js';
import type { ReceivedBody } from './body.js';
import type { Content } from './content.js';
import type { Hello } from './hello.js';
import type { Id } from './id.js';
import type { ReplyHeaders, RequestHeaders } from './headers.js';

export type { Content, Frames, OutgoingFrames } from './content.js';
export { type Id, MAX_ID_BYTES } from './id.js';

/**
 * The dialects of the protocol. Clients and servers of this library speak `negotiated` with each other; the older dialects are
 * for peers without the library.
 *
 * Three share their commands and differ in the number of frames: `basic` has no ids, `tracked` adds ids, `negotiated` adds
 * JSON headers. `guide` has ids and no commands: it is that of RFC 10/FLP and of the ZeroMQ guide's Freelance Model Three.
 */
export type Dialect = 'basic' | 'tracked' | 'guide' | 'negotiated';

/**
 * One half of a heartbeat. The client chooses `id` and `time`; the server echoes them without reading them. Both are
 * strings of one character per byte, because a Buffer can keep the larger chunk alive that it was cut from.
 */
type Heartbeat<Type extends string> =
  | { type: Type; dialect: 'tracked'; id: Id; time: Id }
  | { type: Type; dialect: 'negotiated'; id: Id; time: Id; hello: Hello };

/** One half of an exchange in the older dialects: the body says everything. */
export type Untyped<Type extends string, Body> =
  | { type: Type; dialect: 'basic'; body: Body }
  | { type: Type; dialect: 'tracked'; id: Id; body: Body }
  | { type: Type; dialect: 'guide'; id: Id; body: Body };

/** A body of the older dialects as it was received. Only that of `guide` may have several frames. */
export type UntypedBody = Frame | readonly Frame[];

/** One half of an exchange in the negotiated dialect: headers describe the body. */
export interface Negotiated<Type extends string, Headers, Body> {
  type: Type;
  dialect: 'negotiated';
  id: Id;
  body: Body;
  headers: Headers;
}

/** A message for event handlers. The server answers with an ACK before they run, or with a refusal. */
export interface Event<Body = ReceivedBody> {
  type: 'event';
  id: Id;
  body: Body;
  headers: RequestHeaders;
}

export type Ping = { type: 'ping'; dialect: 'basic' | 'guide' } | Heartbeat<'ping'>;
export type Pong =
  | { type: 'pong'; dialect: 'basic'; serverId: string }
  | { type: 'pong'; dialect: 'guide' }
  | Heartbeat<'pong'>;

export type NegotiatedRequest<Body = ReceivedBody> = Negotiated<'request', RequestHeaders, Body>;
export type NegotiatedReply<Body = ReceivedBody> = Negotiated<'reply', ReplyHeaders, Body>;
export type Request = Untyped<'request', UntypedBody> | NegotiatedRequest;
export type Reply = Untyped<'reply', UntypedBody> | NegotiatedReply;

export interface Ack {
  type: 'ack';
  id: Id;
}

/** The caller no longer waits for this call. */
export interface Cancel {
  type: 'cancel';
  id: Id;
}

/** The server may send this many more values of the call. */
export interface Credit {
  type: 'credit';
  id: Id;
  values: number;
}

/** From a server: send no new calls. From a client: it is leaving. */
export interface Goodbye {
  type: 'goodbye';
}

/** The client is not, or no longer, authorized: the server ignores everything on this connection. */
export interface Denied {
  type: 'denied';
}

/** Messages of a client that may share one PACK (pack.ts). */
export type PackableByClient<Body = ReceivedBody> =
  NegotiatedRequest<Body> | Event<Body> | Cancel | Credit | Goodbye;

/** Messages of a server that may share one PACK. */
export type PackableByServer<Body = ReceivedBody> = NegotiatedReply<Body> | Ack | Goodbye;

/** Every message of a client, as a server receives it. */
export type ClientMessage = Ping | Untyped<'request', UntypedBody> | PackableByClient;

/** Every message of a server, as a client receives it. */
export type ServerMessage = Pong | Denied | Untyped<'reply', UntypedBody> | PackableByServer;

export type OutgoingClientMessage = Ping | Untyped<'request', Content> | PackableByClient<Content>;

export type OutgoingReply = Untyped<'reply', Content> | NegotiatedReply<Content>;
export type OutgoingServerMessage =
  Pong | Denied | Untyped<'reply', Content> | PackableByServer<Content>;
