import { printable } from './printable.js';
import { ZmtpError } from './zmtp-error.js';

/** The body of a command: the length of its name, its name, its data. Source: RFC 37, "Formal Grammar". */
export function encodeCommand(name: string, data: Buffer | string = ''): Buffer {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  const body = Buffer.allocUnsafe(1 + name.length + bytes.length);
  body[0] = name.length;
  body.write(name, 1, 'latin1');
  bytes.copy(body, 1 + name.length);
  return body;
}

export interface Command {
  readonly name: string;
  readonly data: Buffer;
}

export function decodeCommand(body: Buffer): Command | ZmtpError {
  const length = body[0];
  if (length === undefined || length === 0 || body.length < 1 + length) {
    return new ZmtpError('malformed', 'a command without a name');
  }
  return { name: body.toString('latin1', 1, 1 + length), data: body.subarray(1 + length) };
}

/** ERROR with a ZAP status, as libzmq sends it. Source: RFC 27, "The ZAP reply". */
export function encodeError(reason: string): Buffer {
  return encodeCommand('ERROR', String.fromCharCode(reason.length) + reason);
}

/** Reads the peer's ERROR. RFC 37 leaves its reason open; libzmq sends a ZAP status. */
export function decodeError(data: Buffer): ZmtpError {
  const length = data[0] ?? 0;
  // Some peers omit the length, for example zmq4 for Go.
  const reason = data.length > length ? data.subarray(1, 1 + length) : data.subarray(0, 255);
  switch (reason.toString('latin1')) {
    case '400':
      return new ZmtpError('refused', 'the peer refused the credentials (400)');
    case '300':
    case '500':
      return new ZmtpError(
        'undecided',
        `the peer could not tell whether to admit (${reason.toString('latin1')})`,
      );
  }
  return new ZmtpError('peer-error', `the peer ended the handshake: "${printable(reason)}"`);
}

export function unexpected(name: string): ZmtpError {
  return new ZmtpError(
    'malformed',
    `an unexpected command in the handshake: "${printable(Buffer.from(name, 'latin1'))}"`,
  );
}
