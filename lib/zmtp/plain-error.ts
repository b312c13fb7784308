import { type Command, decodeCommand, encodeError } from './command.js';
import type { ZmtpError } from './zmtp-error.js';

/**
 * The C source of libzmq (4.3.5, `plain_common.hpp`) has "\x05ERROR", where the compiler reads the E as a hex digit. So
 * libzmq sends "^RROR" in PLAIN, and its clients understand only that.
 */
const AS_LIBZMQ = Buffer.from('^RROR');
const ERROR = Buffer.from('\x05ERROR');

/** ERROR as libzmq spells it in PLAIN: other clients end the handshake at either spelling. */
export function encodePlainError(reason: string): Buffer {
  return Buffer.concat([AS_LIBZMQ, encodeError(reason).subarray(ERROR.length)]);
}

/** Understands both spellings of ERROR. */
export function decodePlainCommand(body: Buffer): Command | ZmtpError {
  return body.subarray(0, AS_LIBZMQ.length).equals(AS_LIBZMQ)
    ? { name: 'ERROR', data: body.subarray(AS_LIBZMQ.length) }
    : decodeCommand(body);
}
