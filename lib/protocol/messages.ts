import type { ReceivedBody } from './body.js';
import type { Content } from './content.js';
import type { Hello } from './hello.js';
import type { Id } from './id.js';
import type { ReplyHeaders, RequestHeaders } from './headers.js';

export type { Content } from './content.js';
export { type Id, MAX_ID_BYTES } from './id.js';

/**
 * The three dialects of the protocol. They share their commands and differ in the number of frames:
 * `basic` has no ids, `tracked` has them, `negotiated` adds JSON headers. Servers and clients of this
 * library speak `negotiated` with each other; the two older ones are for peers without it.
 */
export type Dialect = 'basic' | 'tracked' | 'negotiated';

/** One message as it came: without the ROUTER's routing id, with the empty delimiter. */
export type Frames = readonly Buffer[];

/** One message on its way out. */
export type OutgoingFrames = readonly Content[];

/**
 * Half of a heartbeat. The client chooses `id` and `time`; the server echoes them unread. Both are text, of a byte a
 * character: a buffer may keep alive the larger one that it came in.
 */
type Heartbeat<Type extends string> =
  | { type: Type; dialect: 'tracked'; id: Id; time: Id }
  | { type: Type; dialect: 'negotiated'; id: Id; time: Id; hello: Hello };

/** Half of an exchange with a peer of the older dialects: all that it says is in the body. */
export type Untyped<Type extends string, Body> =
  | { type: Type; dialect: 'basic'; body: Body }
  | { type: Type; dialect: 'tracked'; id: Id; body: Body };

/** Half of an exchange of the negotiated dialect: headers say what the body is. */
export interface Negotiated<Type extends string, Headers, Body> {
  type: Type;
  dialect: 'negotiated';
  id: Id;
  body: Body;
  headers: Headers;
}

/** What is for event handlers. It is answered by an ACK, before they run, or by a refusal. */
export interface Event<Body = ReceivedBody> {
  type: 'event';
  id: Id;
  body: Body;
  headers: RequestHeaders;
}

export type Ping = { type: 'ping'; dialect: 'basic' } | Heartbeat<'ping'>;
export type Pong = { type: 'pong'; dialect: 'basic'; serverId: string } | Heartbeat<'pong'>;

export type NegotiatedRequest<Body = ReceivedBody> = Negotiated<'request', RequestHeaders, Body>;
export type NegotiatedReply<Body = ReceivedBody> = Negotiated<'reply', ReplyHeaders, Body>;
export type Request = Untyped<'request', Buffer> | NegotiatedRequest;
export type Reply = Untyped<'reply', Buffer> | NegotiatedReply;

export interface Ack {
  type: 'ack';
  id: Id;
}

/** Nobody waits for that call any more. */
export interface Cancel {
  type: 'cancel';
  id: Id;
}

/** So many more values may be sent for that call. */
export interface Credit {
  type: 'credit';
  id: Id;
  values: number;
}

/** To a client: no new calls, please. To a server: this client is leaving. */
export interface Goodbye {
  type: 'goodbye';
}

/** The client is not, or no longer, authorized: nothing that it sends over this connection is heard. */
export interface Denied {
  type: 'denied';
}

/** What several of can travel in one PACK (pack.ts), from a client. */
export type PackableByClient<Body = ReceivedBody> =
  NegotiatedRequest<Body> | Event<Body> | Cancel | Credit | Goodbye;

/** Likewise, from a server. */
export type PackableByServer<Body = ReceivedBody> = NegotiatedReply<Body> | Ack | Goodbye;

/** What a client says, as a server gets it. */
export type ClientMessage = Ping | Untyped<'request', Buffer> | PackableByClient;

/** What a server says, as a client gets it. */
export type ServerMessage = Pong | Denied | Untyped<'reply', Buffer> | PackableByServer;

export type OutgoingClientMessage = Ping | Untyped<'request', Content> | PackableByClient<Content>;

export type OutgoingReply = Untyped<'reply', Content> | NegotiatedReply<Content>;
export type OutgoingServerMessage =
  Pong | Denied | Untyped<'reply', Content> | PackableByServer<Content>;
