import type { Hello } from './hello.js';
import type { ReplyHeaders, RequestHeaders } from './headers.js';

/**
 * The three dialects of the protocol. They share their commands and differ in the number of frames:
 * `basic` has no ids, `tracked` has them, `negotiated` adds JSON headers. Servers and clients of this
 * library speak `negotiated` with each other; the two older ones are for peers without it.
 */
export type Dialect = 'basic' | 'tracked' | 'negotiated';

/** One message as it came: without the ROUTER's routing id, with the empty delimiter. */
export type Frames = readonly Buffer[];

/** A frame on its way out. Text becomes UTF-8 only where it is put among other bytes. */
export type Content = Buffer | string;

/** One message on its way out. */
export type OutgoingFrames = readonly Content[];

/** What tells calls and heartbeats apart, chosen by the client: any bytes, each as one character. */
export type Id = string;

/** Half of a heartbeat. The client chooses `id` and `time`; the server echoes them unread. */
type Heartbeat<Type extends string> =
  | { type: Type; dialect: 'tracked'; id: Id; time: Buffer }
  | { type: Type; dialect: 'negotiated'; id: Id; time: Buffer; hello: Hello };

/** Half of an exchange: a body, and around it what the dialect can say about it. */
export type Exchange<Type extends string, Headers, Body> =
  | { type: Type; dialect: 'basic'; body: Body }
  | { type: Type; dialect: 'tracked'; id: Id; body: Body }
  | { type: Type; dialect: 'negotiated'; id: Id; body: Body; headers: Headers };

export type Ping = { type: 'ping'; dialect: 'basic' } | Heartbeat<'ping'>;
export type Pong = { type: 'pong'; dialect: 'basic'; serverId: string } | Heartbeat<'pong'>;
export type Request<Body = Buffer> = Exchange<'request', RequestHeaders, Body>;
export type Reply<Body = Buffer> = Exchange<'reply', ReplyHeaders, Body>;

/** What is for event handlers. It is answered by an ACK, before they run, or by a refusal. */
export interface Event<Body = Buffer> {
  type: 'event';
  id: Id;
  body: Body;
  headers: RequestHeaders;
}

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

/** What a client sends, each by itself or several in a PACK (pack.ts). */
export type ClientMessage<Body = Buffer> =
  Ping | Request<Body> | Event<Body> | Cancel | Credit | Goodbye;

/** What a server sends, likewise. */
export type ServerMessage<Body = Buffer> = Pong | Reply<Body> | Ack | Goodbye;
