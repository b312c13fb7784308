import { encodeCommand } from './command.js';
import type { HandshakeStep, HandshakeVerdict, Mechanism, PeerMetadata } from './mechanism.js';
import { encodeMetadata, type OwnMetadata } from './metadata.js';
import { nullMechanism } from './null-mechanism.js';
import { ask, notAdmitted, ready, wait } from './step.js';

/**
 * NULL for a server that authenticates clients by the transport below, which is TLS. It sends READY only to an admitted
 * client, and ERROR to any other, as RFC 37 allows for NULL, too.
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
