import { encodeCommand } from './command.js';
import type { HandshakeStep, HandshakeVerdict, Mechanism, PeerMetadata } from './mechanism.js';
import { encodeMetadata, type OwnMetadata } from './metadata.js';
import { nullMechanism } from './null-mechanism.js';
import { ask, notAdmitted, ready, wait } from './step.js';

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
    return verdict === 'admitted' && peer
      ? ready(peer, encodeCommand('READY', encodeMetadata(own)))
      : notAdmitted(verdict === 'failed' ? 'failed' : 'refused');
  }

  return { ...mechanism, start: () => wait(), receive, decide };
}
