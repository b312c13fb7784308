import { encodeCommand } from './command.js';
import { ZmtpError } from './zmtp-error.js';

/** Source: RFC 37, "Connection Heartbeating". */
const TTL_BYTES = 2;
const MAX_CONTEXT_BYTES = 16;
const DECISECOND_MS = 100;

export const MAX_TTL_DECISECONDS = 65_535;

export function encodePing(ttlDeciseconds: number): Buffer {
  const ttl = Buffer.allocUnsafe(TTL_BYTES);
  ttl.writeUInt16BE(Math.min(Math.max(Math.ceil(ttlDeciseconds), 0), MAX_TTL_DECISECONDS));
  return encodeCommand('PING', ttl);
}

export interface Ping {
  readonly ttlMs: number;
  readonly pong: Buffer;
}

/** @param data of the command PING; a context that is too long is cut, as in libzmq */
export function decodePing(data: Buffer): Ping | ZmtpError {
  if (data.length < TTL_BYTES) return new ZmtpError('malformed', 'a PING without a TTL');
  return {
    ttlMs: data.readUInt16BE() * DECISECOND_MS,
    pong: encodeCommand('PONG', data.subarray(TTL_BYTES, TTL_BYTES + MAX_CONTEXT_BYTES)),
  };
}
