import { printable } from './printable.js';
import { ZmtpError } from './zmtp-error.js';

/** The body of a command: its name, in one octet and text, and its data. Source: RFC 37, "Formal Grammar". */
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

/** ERROR, with a status of ZAP as libzmq sends it. Source: RFC 27, "The ZAP reply". */
export function encodeError(reason: string): Buffer {
  return encodeCommand('ERROR', String.fromCharCode(reason.length) + reason);
}

/** What the peer's ERROR says: RFC 37 gives its reason no meaning, libzmq sends the status of ZAP. */
export function decodeError(data: Buffer): ZmtpError {
  const length = data[0] ?? 0;
  // There are peers that leave the length out, such as zmq4 of Go.
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
