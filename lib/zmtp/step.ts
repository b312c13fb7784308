import { encodeError } from './command.js';
import type {
  HandshakeStep,
  HandshakeVerdict,
  PeerMetadata,
  ShownCredentials,
} from './mechanism.js';
import { ZmtpError } from './zmtp-error.js';

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

/** Tells the client by an ERROR with a ZAP status, as libzmq's servers do. Source: RFC 27, "The ZAP reply". */
export function notAdmitted(
  verdict: Exclude<HandshakeVerdict, 'admitted'>,
  encode: (reason: string) => Buffer = encodeError,
): HandshakeStep {
  return verdict === 'refused'
    ? failed(new ZmtpError('refused', 'the client was refused'), encode('400'))
    : failed(
        new ZmtpError('undecided', 'whether the client may connect could not be decided'),
        encode('500'),
      );
}
