import type { Hello } from './hello.js';
import type { ReplyHeaders, RequestHeaders } from './headers.js';

/**
 * The three dialects of the protocol. They share their commands and differ in the number of frames:
 * `basic` has no ids, `tracked` has them, `negotiated` adds JSON headers. Servers and clients of this
 * library speak `negotiated` with each other; the two older ones are for peers without it.
 */
export type Dialect = 'basic' | 'tracked' | 'negotiated';

/** One message as ZeroMQ carries it: without the ROUTER's routing id, with the empty delimiter. */
export type Frames = readonly Buffer[];

/** Half of a heartbeat. The client chooses `id` and `time`; the server echoes them unread. */
type Heartbeat<Type extends string> =
  | { type: Type; dialect: 'tracked'; id: Buffer; time: Buffer }
  | { type: Type; dialect: 'negotiated'; id: Buffer; time: Buffer; hello: Hello };

/** Half of an exchange: a body, and around it what the dialect can say about it. */
export type Exchange<Type extends string, Headers> =
  | { type: Type; dialect: 'basic'; body: Buffer }
  | { type: Type; dialect: 'tracked'; id: Buffer; body: Buffer }
  | { type: Type; dialect: 'negotiated'; id: Buffer; body: Buffer; headers: Headers };

export type Ping = { type: 'ping'; dialect: 'basic' } | Heartbeat<'ping'>;
export type Pong = { type: 'pong'; dialect: 'basic'; serverId: string } | Heartbeat<'pong'>;
export type Request = Exchange<'request', RequestHeaders>;
export type Reply = Exchange<'reply', ReplyHeaders>;

/** What is for event handlers. It is answered by an ACK, before they run, or by a refusal. */
export interface Event {
  type: 'event';
  id: Buffer;
  body: Buffer;
  headers: RequestHeaders;
}

export interface Ack {
  type: 'ack';
  id: Buffer;
}

/** Nobody waits for that call any more. */
export interface Cancel {
  type: 'cancel';
  id: Buffer;
}

/** So many more values may be sent for that call. */
export interface Credit {
  type: 'credit';
  id: Buffer;
  values: number;
}

/** To a client: no new calls, please. To a server: this client is leaving. */
export interface Goodbye {
  type: 'goodbye';
}

/** What a client sends. PACK joins this union. */
export type ClientMessage = Ping | Request | Event | Cancel | Credit | Goodbye;

/** What a server sends. PACK joins this union. */
export type ServerMessage = Pong | Reply | Ack | Goodbye;
