import type { HandshakeStep, PeerMetadata, ShownCredentials } from './mechanism.js';
import type { ZmtpError } from './zmtp-error.js';

export function wait(...send: Buffer[]): HandshakeStep {
  return { send, outcome: { type: 'wait' } };
}

export function ask(credentials: ShownCredentials): HandshakeStep {
  return { send: [], outcome: { type: 'ask', credentials } };
}

export function ready(peer: PeerMetadata, ...send: Buffer[]): HandshakeStep {
  return { send, outcome: { type: 'ready', peer } };
}

export function failed(error: ZmtpError, ...send: Buffer[]): HandshakeStep {
  return { send, outcome: { type: 'failed', error } };
}
