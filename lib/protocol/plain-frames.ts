import {
  decodeReplyHeaders,
  decodeRequestHeaders,
  encodeReplyHeaders,
  encodeRequestHeaders,
} from './headers.js';
import { decodeHello, encodeHello } from './hello.js';
import { isMalformed, type Malformed, malformed } from './malformed.js';
import type {
  Ack,
  Cancel,
  ClientMessage,
  Credit,
  Event,
  Exchange,
  Frames,
  Goodbye,
  Ping,
  Pong,
  ServerMessage,
} from './messages.js';
import { decodeText } from './text.js';

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
/** Enough bytes to tell a command from all that is longer. */
const LONGER_THAN_ANY_COMMAND = 8;

export function encodeClientMessage(message: ClientMessage): Frames {
  switch (message.type) {
    case 'ping':
      return message.dialect === 'basic' ? [DELIMITER, PING] : heartbeat(PING, message);
    case 'request':
      return exchange(REQUEST, message, encodeRequestHeaders);
    case 'event':
      return [DELIMITER, EVENT, message.id, message.body, encodeRequestHeaders(message.headers)];
    case 'cancel':
      return [DELIMITER, CANCEL, message.id];
    case 'credit':
      return [DELIMITER, CREDIT, message.id, Buffer.from(String(message.values))];
    case 'goodbye':
      return [DELIMITER, GOODBYE];
  }
}

export function encodeServerMessage(message: ServerMessage): Frames {
  switch (message.type) {
    case 'pong':
      return message.dialect === 'basic'
        ? [DELIMITER, PONG, Buffer.from(message.serverId)]
        : heartbeat(PONG, message);
    case 'reply':
      return exchange(REPLY, message, encodeReplyHeaders);
    case 'ack':
      return [DELIMITER, ACK, message.id];
    case 'goodbye':
      return [DELIMITER, GOODBYE];
  }
}

export function decodeClientMessage(frames: Frames): ClientMessage | Malformed {
  const [delimiter, command, ...args] = frames;
  if (delimiter?.length !== 0 || !command) return malformed('no delimiter');
  switch (command.toString('latin1', 0, LONGER_THAN_ANY_COMMAND)) {
    case 'REQUEST':
      return decodeExchange('request', args, decodeRequestHeaders);
    case 'PING':
      return decodePing(args);
    case 'EVENT':
      return decodeEvent(args);
    case 'CANCEL':
      return decodeId('cancel', args);
    case 'CREDIT':
      return decodeCredit(args);
    case 'GOODBYE':
      return decodeGoodbye(args);
    default:
      return malformed('unknown command');
  }
}

export function decodeServerMessage(frames: Frames): ServerMessage | Malformed {
  const [delimiter, command, ...args] = frames;
  if (delimiter?.length !== 0 || !command) return malformed('no delimiter');
  switch (command.toString('latin1', 0, LONGER_THAN_ANY_COMMAND)) {
    case 'REPLY':
      return decodeExchange('reply', args, decodeReplyHeaders);
    case 'PONG':
      return decodePong(args);
    case 'ACK':
      return decodeId('ack', args);
    case 'GOODBYE':
      return decodeGoodbye(args);
    default:
      return malformed('unknown command');
  }
}

function heartbeat(command: Buffer, message: Exclude<Ping | Pong, { dialect: 'basic' }>): Frames {
  const frames = [DELIMITER, command, message.id, message.time];
  return message.dialect === 'tracked' ? frames : [...frames, encodeHello(message.hello)];
}

function decodePing(args: Frames): Ping | Malformed {
  return args.length === 0 ? { type: 'ping', dialect: 'basic' } : decodeHeartbeat('ping', args);
}

function decodePong(args: Frames): Pong | Malformed {
  const [serverId, ...more] = args;
  if (!serverId || more.length > 0) return decodeHeartbeat('pong', args);
  const text = decodeText(serverId);
  return typeof text === 'string' ? { type: 'pong', dialect: 'basic', serverId: text } : text;
}

function decodeHeartbeat<Type extends 'ping' | 'pong'>(type: Type, args: Frames) {
  const [id, time, helloBytes, ...rest] = args;
  if (!id || !time || rest.length > 0) return malformed('wrong number of frames');
  if (!helloBytes) return { type, dialect: 'tracked', id, time } as const;
  const hello = decodeHello(helloBytes);
  return isMalformed(hello) ? hello : ({ type, dialect: 'negotiated', id, time, hello } as const);
}

function exchange<Headers>(
  command: Buffer,
  message: Exchange<string, Headers>,
  encodeHeaders: (headers: Headers) => Buffer,
): Frames {
  switch (message.dialect) {
    case 'basic':
      return [DELIMITER, command, message.body];
    case 'tracked':
      return [DELIMITER, command, message.id, message.body];
    case 'negotiated':
      return [DELIMITER, command, message.id, message.body, encodeHeaders(message.headers)];
  }
}

function decodeExchange<Type extends 'request' | 'reply', Headers extends object>(
  type: Type,
  args: Frames,
  decodeHeaders: (bytes: Buffer) => Headers | Malformed,
) {
  const [first, body, headerBytes, ...rest] = args;
  if (!first || rest.length > 0) return malformed('wrong number of frames');
  if (!body) return { type, dialect: 'basic', body: first } as const;
  if (!headerBytes) return { type, dialect: 'tracked', id: first, body } as const;
  const headers = decodeHeaders(headerBytes);
  return isMalformed(headers)
    ? headers
    : ({ type, dialect: 'negotiated', id: first, body, headers } as const);
}

function decodeEvent(args: Frames): Event | Malformed {
  const [id, body, headerBytes, ...rest] = args;
  if (!id || !body || !headerBytes || rest.length > 0) return malformed('wrong number of frames');
  const headers = decodeRequestHeaders(headerBytes);
  return isMalformed(headers) ? headers : { type: 'event', id, body, headers };
}

function decodeId<Type extends (Ack | Cancel)['type']>(type: Type, args: Frames) {
  const [id, ...rest] = args;
  if (!id || rest.length > 0) return malformed('wrong number of frames');
  return { type, id } as const;
}

function decodeCredit(args: Frames): Credit | Malformed {
  const [id, count, ...rest] = args;
  if (!id || !count || rest.length > 0) return malformed('wrong number of frames');
  const text = count.toString('latin1');
  const values = Number(text);
  if (!/^[1-9]\d*$/.test(text) || !Number.isSafeInteger(values)) return malformed('invalid credit');
  return { type: 'credit', id, values };
}

function decodeGoodbye(args: Frames): Goodbye | Malformed {
  return args.length === 0 ? { type: 'goodbye' } : malformed('wrong number of frames');
}
