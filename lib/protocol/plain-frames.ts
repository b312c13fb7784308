import {
  decodeReplyHeaders,
  decodeRequestHeaders,
  encodeReplyHeaders,
  encodeRequestHeaders,
} from './headers.js';
import { decodeHello, encodeHello } from './hello.js';
import { isMalformed, type Malformed, malformed } from './malformed.js';
import type { ClientMessage, Exchange, Frames, Ping, Pong, ServerMessage } from './messages.js';
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

export function encodeClientMessage(message: ClientMessage): Frames {
  switch (message.type) {
    case 'ping':
      return message.dialect === 'basic' ? [DELIMITER, PING] : heartbeat(PING, message);
    case 'request':
      return exchange(REQUEST, message, encodeRequestHeaders);
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
  }
}

export function decodeClientMessage(frames: Frames): ClientMessage | Malformed {
  const [delimiter, command, ...args] = frames;
  if (delimiter?.length !== 0 || !command) return malformed('no delimiter');
  if (command.equals(REQUEST)) return decodeExchange('request', args, decodeRequestHeaders);
  if (command.equals(PING)) return decodePing(args);
  return malformed('unknown command');
}

export function decodeServerMessage(frames: Frames): ServerMessage | Malformed {
  const [delimiter, command, ...args] = frames;
  if (delimiter?.length !== 0 || !command) return malformed('no delimiter');
  if (command.equals(REPLY)) return decodeExchange('reply', args, decodeReplyHeaders);
  if (command.equals(PONG)) return decodePong(args);
  return malformed('unknown command');
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
