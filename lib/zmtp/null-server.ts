import { encodeCommand, encodeError } from './command.js';
import type { HandshakeStep, HandshakeVerdict, Mechanism, PeerMetadata } from './mechanism.js';
import { encodeMetadata, type OwnMetadata } from './metadata.js';
import { nullMechanism } from './null-mechanism.js';
import { ask, failed, ready, wait } from './step.js';
import { ZmtpError } from './zmtp-error.js';

/**
 * NULL of a server that lets in whom it knows by the transport below: by TLS. Its READY is the answer to an admitted
 * client's; who is not admitted gets an ERROR, which RFC 37 has for NULL, too.
 *
 *     READY ──► decide: READY | ERROR
 */
export function nullServer(own: OwnMetadata): Mechanism {
  const mechanism = nullMechanism(own);
  let peer: PeerMetadata | undefined;

  function receive(body: Buffer): HandshakeStep {
    const step = mechanism.receive(body);
    if (step.outcome.type !== 'ready') return step;
    ({ peer } = step.outcome);
    return ask({ mechanism: 'NULL' });
  }

  function decide(verdict: HandshakeVerdict): HandshakeStep {
    if (verdict === 'admitted' && peer) {
      return ready(peer, encodeCommand('READY', encodeMetadata(own)));
    }
    return verdict === 'failed'
      ? failed(new ZmtpError('undecided', 'nobody can tell whether to admit'), encodeError('500'))
      : failed(new ZmtpError('refused', 'not authorized'), encodeError('400'));
  }

  return { ...mechanism, start: () => wait(), receive, decide };
}
