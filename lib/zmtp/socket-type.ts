import type { SocketType } from './mechanism.js';

/** The socket types of this library. */
export type OwnSocketType = 'DEALER' | 'ROUTER';

/** Source: RFC 37, "The Socket-Type Property". */
const PEERS: Readonly<Record<OwnSocketType, readonly string[]>> = {
  DEALER: ['ROUTER', 'REP', 'DEALER'],
  ROUTER: ['DEALER', 'REQ', 'ROUTER'],
};

export function canTalk(own: OwnSocketType, peer: string): peer is SocketType {
  return PEERS[own].includes(peer);
}

/** RFC 37 says only that a peer SHOULD state its type; libzmq accepts one that does not. */
export function assumedPeer(own: OwnSocketType): SocketType {
  return own === 'DEALER' ? 'ROUTER' : 'DEALER';
}
