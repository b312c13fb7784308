import { decodeError, encodeCommand, unexpected } from './command.js';
import type { HandshakeStep, Mechanism } from './mechanism.js';
import { decodeMetadata, encodeMetadata, type OwnMetadata } from './metadata.js';
import { decodePlainCommand } from './plain-error.js';
import { failed, ready, wait } from './step.js';
import { isZmtpError, ZmtpError } from './zmtp-error.js';

export interface PlainClientOptions extends OwnMetadata {
  /** At most 255 bytes of UTF-8, like the password. */
  readonly username: string;
  readonly password: string;
}

/**
 * The client side of PLAIN, which sends the password in the clear. Source: RFC 24 of ZeroMQ.
 *
 *     HELLO ──► WELCOME; INITIATE ──► READY
 *
 * @throws RangeError if the username or the password is too long
 */
export function plainClient(options: PlainClientOptions): Mechanism {
  const { socketType, username, password } = options;
  const hello = encodeCommand('HELLO', Buffer.concat([brief(username), brief(password)]));
  const initiate = encodeCommand('INITIATE', encodeMetadata(options));
  let expected: 'WELCOME' | 'READY' = 'WELCOME';

  function receive(body: Buffer): HandshakeStep {
    const command = decodePlainCommand(body);
    if (isZmtpError(command)) return failed(command);
    const { name, data } = command;
    if (name === 'ERROR') return failed(decodeError(data));
    // A greeting need not show that the peer is a client: libzmq never sets as-server.
    if (name === 'HELLO') {
      return failed(new ZmtpError('role-mismatch', 'both sides are clients of PLAIN'));
    }
    if (name !== expected) return failed(unexpected(name));
    if (name === 'READY') {
      const peer = decodeMetadata(data, socketType);
      return isZmtpError(peer) ? failed(peer) : ready(peer);
    }
    if (data.length > 0) return failed(new ZmtpError('malformed', 'a WELCOME with data'));
    expected = 'READY';
    return wait(initiate);
  }

  return {
    name: 'PLAIN',
    isServer: false,
    cipher: undefined,
    start: () => wait(hello),
    receive,
    decide: () => {
      throw new Error('a client is never asked for a verdict');
    },
    dispose: () => hello.fill(0),
  };
}

function brief(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 255) {
    throw new RangeError('PLAIN takes a username and a password of at most 255 bytes each');
  }
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}
