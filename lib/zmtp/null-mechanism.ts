import { decodeCommand, decodeError, encodeCommand, unexpected } from './command.js';
import type { HandshakeStep, Mechanism } from './mechanism.js';
import { decodeMetadata, encodeMetadata, type OwnMetadata } from './metadata.js';
import { failed, ready, wait } from './step.js';
import { isZmtpError } from './zmtp-error.js';

/**
 * The mechanism without security. As in libzmq, each side sends READY at once and is ready when it has the peer's.
 * Source: RFC 37, "The NULL Security Mechanism".
 */
export function nullMechanism(own: OwnMetadata): Mechanism {
  const command = encodeCommand('READY', encodeMetadata(own));
  return {
    name: 'NULL',
    isServer: false,
    cipher: undefined,
    start: () => wait(command),
    receive: (body) => receive(body, own),
    decide: () => {
      throw new Error('NULL admits every client and never asks for a verdict');
    },
    dispose: () => {},
  };
}

function receive(body: Buffer, own: OwnMetadata): HandshakeStep {
  const command = decodeCommand(body);
  if (isZmtpError(command)) return failed(command);
  switch (command.name) {
    case 'READY': {
      const peer = decodeMetadata(command.data, own.socketType);
      return isZmtpError(peer) ? failed(peer) : ready(peer);
    }
    case 'ERROR':
      return failed(decodeError(command.data));
  }
  return failed(unexpected(command.name));
}
