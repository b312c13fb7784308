import { decodeError, encodeCommand, unexpected } from './command.js';
import type { HandshakeStep, HandshakeVerdict, Mechanism, ShownCredentials } from './mechanism.js';
import { decodeMetadata, encodeMetadata, type OwnMetadata } from './metadata.js';
import { decodePlainCommand, encodePlainError } from './plain-error.js';
import { ask, failed, notAdmitted, ready, wait } from './step.js';
import { isZmtpError, ZmtpError } from './zmtp-error.js';

/**
 * The server side of PLAIN. Source: RFC 24 of ZeroMQ.
 *
 *     HELLO ──► decide: WELCOME | ERROR; INITIATE ──► READY
 */
export function plainServer(own: OwnMetadata): Mechanism {
  let expected: 'HELLO' | 'INITIATE' = 'HELLO';

  function receive(body: Buffer): HandshakeStep {
    const command = decodePlainCommand(body);
    if (isZmtpError(command)) return failed(command);
    const { name, data } = command;
    if (name === 'ERROR') return failed(decodeError(data));
    if (name !== expected) return failed(unexpected(name));
    if (name === 'HELLO') {
      const credentials = decodeHello(data);
      return credentials
        ? ask(credentials)
        : failed(new ZmtpError('malformed', 'a HELLO that is not in the form of RFC 24'));
    }
    const peer = decodeMetadata(data, own.socketType);
    if (!isZmtpError(peer)) return ready(peer, encodeCommand('READY', encodeMetadata(own)));
    // RFC 37, "The Socket-Type Property", asks for an ERROR in this case.
    return peer.code === 'socket-type'
      ? failed(peer, encodePlainError(`A ${own.socketType} cannot talk to this socket type`))
      : failed(peer);
  }

  function decide(verdict: HandshakeVerdict): HandshakeStep {
    if (verdict !== 'admitted') return notAdmitted(verdict, encodePlainError);
    expected = 'INITIATE';
    return wait(encodeCommand('WELCOME'));
  }

  return {
    name: 'PLAIN',
    isServer: true,
    cipher: undefined,
    start: () => wait(),
    receive,
    decide,
    dispose: () => {},
  };
}

function decodeHello(data: Buffer): ShownCredentials | undefined {
  const nameEnd = 1 + (data[0] ?? 0);
  const length = data[nameEnd];
  if (length === undefined || data.length !== nameEnd + 1 + length) return undefined;
  return {
    mechanism: 'PLAIN',
    username: data.subarray(1, nameEnd),
    password: data.subarray(nameEnd + 1),
  };
}
