import {
  decodeReplyHeaders,
  decodeRequestHeaders,
  encodeReplyHeaders,
  encodeRequestHeaders,
} from './headers.js';
import { decodeHello, encodeHello } from './hello.js';
import { isMalformed, type Malformed, malformed } from './malformed.js';
import {
  MAX_ID_BYTES,
  type Ack,
  type Cancel,
  type ClientMessage,
  type Credit,
  type Event,
  type Content,
  type Frames,
  type Goodbye,
  type Id,
  type Negotiated,
  type OutgoingClientMessage,
  type OutgoingFrames,
  type OutgoingServerMessage,
  type Ping,
  type Pong,
  type ServerMessage,
  type Untyped,
} from './messages.js';
import { decodeText, isAsciiText } from './text.js';

/**
 * The codec of plain frames: one message of the protocol is one ZeroMQ message, its first frame empty,
 * its second the command. The number of frames after the command tells the dialect.
 *
 * Decoding never throws, whatever the peer sent.
 */

const DELIMITER = Buffer.alloc(0);
const PING = Buffer.from('PING');
const PONG = Buffer.from('PONG');
const REQUEST = Buffer.from('REQUEST');
const REPLY = Buffer.from('REPLY');
const EVENT = Buffer.from('EVENT');
const ACK = Buffer.from('ACK');
const CANCEL = Buffer.from('CANCEL');
const CREDIT = Buffer.from('CREDIT');
const GOODBYE = Buffer.from('GOODBYE');
const DENIED = Buffer.from('DENIED');
/** Where the frames after the delimiter and the command begin. */
const ARGS = 2;
/** Enough bytes to tell a command from all that is longer. */
const LONGER_THAN_ANY_COMMAND = 8;

export function encodeClientMessage(message: OutgoingClientMessage): OutgoingFrames {
  switch (message.type) {
    case 'ping':
      return message.dialect === 'basic' ? [DELIMITER, PING] : heartbeat(PING, message);
    case 'request':
      return exchange(REQUEST, message, encodeRequestHeaders);
    case 'event':
      return [
        DELIMITER,
        EVENT,
        idFrame(message.id),
        message.body,
        encodeRequestHeaders(message.headers),
      ];
    case 'cancel':
      return [DELIMITER, CANCEL, idFrame(message.id)];
    case 'credit':
      return [DELIMITER, CREDIT, idFrame(message.id), String(message.values)];
    case 'goodbye':
      return [DELIMITER, GOODBYE];
  }
}

export function encodeServerMessage(message: OutgoingServerMessage): OutgoingFrames {
  switch (message.type) {
    case 'pong':
      return message.dialect === 'basic'
        ? [DELIMITER, PONG, message.serverId]
        : heartbeat(PONG, message);
    case 'reply':
      return exchange(REPLY, message, encodeReplyHeaders);
    case 'ack':
      return [DELIMITER, ACK, idFrame(message.id)];
    case 'goodbye':
      return [DELIMITER, GOODBYE];
    case 'denied':
      return [DELIMITER, DENIED];
  }
}

export function decodeClientMessage(frames: Frames): ClientMessage | Malformed {
  switch (commandOf(frames)) {
    case 'REQUEST':
      return decodeExchange('request', frames, decodeRequestHeaders);
    case 'PING':
      return decodePing(frames);
    case 'EVENT':
      return decodeEvent(frames);
    case 'CANCEL':
      return decodeId('cancel', frames);
    case 'CREDIT':
      return decodeCredit(frames);
    case 'GOODBYE':
      return decodeGoodbye(frames);
    case undefined:
      return malformed('no delimiter');
    default:
      return malformed('unknown command');
  }
}

export function decodeServerMessage(frames: Frames): ServerMessage | Malformed {
  switch (commandOf(frames)) {
    case 'REPLY':
      return decodeExchange('reply', frames, decodeReplyHeaders);
    case 'PONG':
      return decodePong(frames);
    case 'ACK':
      return decodeId('ack', frames);
    case 'GOODBYE':
      return decodeGoodbye(frames);
    case 'DENIED':
      return frames.length === ARGS ? { type: 'denied' } : malformed('wrong number of frames');
    case undefined:
      return malformed('no delimiter');
    default:
      return malformed('unknown command');
  }
}

/** Undefined if the frames are not those of a message. */
function commandOf({ 0: delimiter, 1: command }: Frames): string | undefined {
  if (delimiter?.length !== 0) return undefined;
  return command?.toString('latin1', 0, LONGER_THAN_ANY_COMMAND);
}

/** Our own ids are digits: in them each character is a byte in any encoding. */
function idFrame(id: Id): Content {
  return isAsciiText(id) ? id : Buffer.from(id, 'latin1');
}

function idOf(frame: Buffer): Id {
  return frame.toString('latin1');
}

function isTooLong(frame: Buffer): boolean {
  return frame.length > MAX_ID_BYTES;
}

function heartbeat(
  command: Buffer,
  message: Exclude<Ping | Pong, { dialect: 'basic' }>,
): OutgoingFrames {
  const frames = [DELIMITER, command, idFrame(message.id), idFrame(message.time)];
  return message.dialect === 'tracked' ? frames : [...frames, encodeHello(message.hello)];
}

function decodePing(frames: Frames): Ping | Malformed {
  return frames.length === ARGS
    ? { type: 'ping', dialect: 'basic' }
    : decodeHeartbeat('ping', frames);
}

function decodePong(frames: Frames): Pong | Malformed {
  const { 2: serverId } = frames;
  if (!serverId || frames.length > ARGS + 1) return decodeHeartbeat('pong', frames);
  if (isTooLong(serverId)) return malformed('invalid id');
  const text = decodeText(serverId);
  return typeof text === 'string' ? { type: 'pong', dialect: 'basic', serverId: text } : text;
}

function decodeHeartbeat<Type extends 'ping' | 'pong'>(type: Type, frames: Frames) {
  const { 2: id, 3: time, 4: helloBytes } = frames;
  if (!id || !time || frames.length > ARGS + 3) return malformed('wrong number of frames');
  if (isTooLong(id) || isTooLong(time)) return malformed('invalid id');
  const echoed = { id: idOf(id), time: idOf(time) };
  if (!helloBytes) return { type, dialect: 'tracked', ...echoed } as const;
  const hello = decodeHello(helloBytes);
  return isMalformed(hello) ? hello : ({ type, dialect: 'negotiated', ...echoed, hello } as const);
}

function exchange<Headers>(
  command: Buffer,
  message: Untyped<string, Content> | Negotiated<string, Headers, Content>,
  encodeHeaders: (headers: Headers) => string,
): OutgoingFrames {
  switch (message.dialect) {
    case 'basic':
      return [DELIMITER, command, message.body];
    case 'tracked':
      return [DELIMITER, command, idFrame(message.id), message.body];
    case 'negotiated':
      return [
        DELIMITER,
        command,
        idFrame(message.id),
        message.body,
        encodeHeaders(message.headers),
      ];
  }
}

function decodeExchange<Type extends 'request' | 'reply', Headers extends object>(
  type: Type,
  frames: Frames,
  decodeHeaders: (bytes: Buffer) => Headers | Malformed,
) {
  const { 2: first, 3: body, 4: headerBytes } = frames;
  if (!first || frames.length > ARGS + 3) return malformed('wrong number of frames');
  if (!body) return { type, dialect: 'basic', body: first } as const;
  if (isTooLong(first)) return malformed('invalid id');
  if (!headerBytes) return { type, dialect: 'tracked', id: idOf(first), body } as const;
  const headers = decodeHeaders(headerBytes);
  return isMalformed(headers)
    ? headers
    : ({ type, dialect: 'negotiated', id: idOf(first), body, headers } as const);
}

function decodeEvent(frames: Frames): Event | Malformed {
  const { 2: id, 3: body, 4: headerBytes } = frames;
  if (!id || !body || !headerBytes || frames.length > ARGS + 3)
    return malformed('wrong number of frames');
  if (isTooLong(id)) return malformed('invalid id');
  const headers = decodeRequestHeaders(headerBytes);
  return isMalformed(headers) ? headers : { type: 'event', id: idOf(id), body, headers };
}

function decodeId<Type extends (Ack | Cancel)['type']>(type: Type, frames: Frames) {
  const { 2: id } = frames;
  if (!id || frames.length > ARGS + 1) return malformed('wrong number of frames');
  if (isTooLong(id)) return malformed('invalid id');
  return { type, id: idOf(id) } as const;
}

function decodeCredit(frames: Frames): Credit | Malformed {
  const { 2: id, 3: count } = frames;
  if (!id || !count || frames.length > ARGS + 2) return malformed('wrong number of frames');
  if (isTooLong(id)) return malformed('invalid id');
  const text = count.toString('latin1');
  const values = Number(text);
  if (!/^[1-9]\d*$/.test(text) || !Number.isSafeInteger(values)) return malformed('invalid credit');
  return { type: 'credit', id: idOf(id), values };
}

function decodeGoodbye(frames: Frames): Goodbye | Malformed {
  return frames.length === ARGS ? { type: 'goodbye' } : malformed('wrong number of frames');
}
