import { joined } from '../frame.js';
import { encodeReplyHeaders, encodeRequestHeaders } from './encode-headers.js';
import { decodeReplyHeaders, decodeRequestHeaders } from './headers.js';
import { decodeHello, encodeHello } from './hello.js';
import { idFrame, idOf, isTooLong } from './id.js';
import { isMalformed, type Malformed, malformed } from './malformed.js';
import type {
  Ack,
  Cancel,
  ClientMessage,
  Credit,
  Event,
  Content,
  Frames,
  Goodbye,
  Negotiated,
  OutgoingClientMessage,
  OutgoingFrames,
  OutgoingServerMessage,
  Ping,
  Pong,
  ServerMessage,
  Untyped,
} from './messages.js';
import { decodeText } from './text.js';

/**
 * The codec of plain frames: one message of the protocol is one ZeroMQ message. Its first frame is empty, its second is
 * the command, and the number of frames after the command tells the dialect. Messages of the guide dialect, which have
 * neither, are encoded here, too, and decoded in guide-frames.ts.
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
/** Index of the first frame after delimiter and command. */
const ARGS = 2;
/** Enough bytes to tell every command from a longer one. */
const LONGER_THAN_ANY_COMMAND = 8;

export function encodeClientMessage(message: OutgoingClientMessage): OutgoingFrames {
  switch (message.type) {
    case 'ping':
      return heartbeat(PING, message);
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
      return heartbeat(PONG, message);
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
      return malformed('no-delimiter');
    default:
      return malformed('unknown-command');
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
      return frames.length === ARGS ? { type: 'denied' } : malformed('wrong-frame-count');
    case undefined:
      return malformed('no-delimiter');
    default:
      return malformed('unknown-command');
  }
}

/** Undefined if the frames are not a message. */
function commandOf({ 0: delimiter, 1: command }: Frames): string | undefined {
  if (delimiter?.length !== 0) return undefined;
  return command?.toString('latin1', 0, LONGER_THAN_ANY_COMMAND);
}

function heartbeat(command: Buffer, message: Ping | Pong): OutgoingFrames {
  switch (message.dialect) {
    case 'guide':
      return [command];
    case 'basic':
      return 'serverId' in message ? [DELIMITER, command, message.serverId] : [DELIMITER, command];
    case 'tracked':
      return [DELIMITER, command, idFrame(message.id), idFrame(message.time)];
    case 'negotiated': {
      const { id, time, hello } = message;
      return [DELIMITER, command, idFrame(id), idFrame(time), encodeHello(hello)];
    }
  }
}

function decodePing(frames: Frames): Ping | Malformed {
  return frames.length === ARGS
    ? { type: 'ping', dialect: 'basic' }
    : decodeHeartbeat('ping', frames);
}

function decodePong(frames: Frames): Pong | Malformed {
  const { 2: serverId } = frames;
  if (!serverId || frames.length > ARGS + 1) return decodeHeartbeat('pong', frames);
  if (isTooLong(serverId)) return malformed('invalid-id');
  const text = decodeText(serverId);
  return typeof text === 'string' ? { type: 'pong', dialect: 'basic', serverId: text } : text;
}

function decodeHeartbeat<Type extends 'ping' | 'pong'>(type: Type, frames: Frames) {
  const { 2: id, 3: time, 4: helloBytes } = frames;
  if (!id || !time || frames.length > ARGS + 3) return malformed('wrong-frame-count');
  if (isTooLong(id) || isTooLong(time)) return malformed('invalid-id');
  const echoed = { id: idOf(id), time: idOf(time) };
  if (!helloBytes) return { type, dialect: 'tracked', ...echoed } as const;
  const hello = decodeHello(joined(helloBytes));
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
    case 'guide':
      return [idFrame(message.id), message.body];
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
  if (!first || frames.length > ARGS + 3) return malformed('wrong-frame-count');
  if (!body) return { type, dialect: 'basic', body: first } as const;
  if (isTooLong(first)) return malformed('invalid-id');
  if (!headerBytes) return { type, dialect: 'tracked', id: idOf(first), body } as const;
  const headers = decodeHeaders(joined(headerBytes));
  return isMalformed(headers)
    ? headers
    : ({ type, dialect: 'negotiated', id: idOf(first), body, headers } as const);
}

function decodeEvent(frames: Frames): Event | Malformed {
  const { 2: id, 3: body, 4: headerBytes } = frames;
  if (!id || !body || !headerBytes || frames.length > ARGS + 3)
    return malformed('wrong-frame-count');
  if (isTooLong(id)) return malformed('invalid-id');
  const headers = decodeRequestHeaders(joined(headerBytes));
  return isMalformed(headers) ? headers : { type: 'event', id: idOf(id), body, headers };
}

function decodeId<Type extends (Ack | Cancel)['type']>(type: Type, frames: Frames) {
  const { 2: id } = frames;
  if (!id || frames.length > ARGS + 1) return malformed('wrong-frame-count');
  if (isTooLong(id)) return malformed('invalid-id');
  return { type, id: idOf(id) } as const;
}

function decodeCredit(frames: Frames): Credit | Malformed {
  const { 2: id, 3: count } = frames;
  if (!id || !count || frames.length > ARGS + 2) return malformed('wrong-frame-count');
  if (isTooLong(id)) return malformed('invalid-id');
  const text = count.toString('latin1');
  const values = Number(text);
  if (!/^[1-9]\d*$/.test(text) || !Number.isSafeInteger(values)) return malformed('invalid-credit');
  return { type: 'credit', id: idOf(id), values };
}

function decodeGoodbye(frames: Frames): Goodbye | Malformed {
  return frames.length === ARGS ? { type: 'goodbye' } : malformed('wrong-frame-count');
}
