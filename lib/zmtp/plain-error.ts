import { type Command, decodeCommand, encodeError } from './command.js';
import type { ZmtpError } from './zmtp-error.js';

/**
 * The C source of libzmq (4.3.5, `plain_common.hpp`) has "\x05ERROR", in which the compiler takes the E for a digit: so in
 * PLAIN its servers say "^RROR", and that is all that its clients understand.
 */
const AS_LIBZMQ = Buffer.from('^RROR');
const ERROR = Buffer.from('\x05ERROR');

/** An ERROR of PLAIN as libzmq spells it: clients of other kinds end the handshake at either spelling. */
export function encodePlainError(reason: string): Buffer {
  return Buffer.concat([AS_LIBZMQ, encodeError(reason).subarray(ERROR.length)]);
}

/** Understands both spellings of ERROR. */
export function decodePlainCommand(body: Buffer): Command | ZmtpError {
  return body.subarray(0, AS_LIBZMQ.length).equals(AS_LIBZMQ)
    ? { name: 'ERROR', data: body.subarray(AS_LIBZMQ.length) }
    : decodeCommand(body);
}
