import type { SocketType } from './mechanism.js';

/** The types that this library is. */
export type OwnSocketType = 'DEALER' | 'ROUTER';

/** Source: RFC 37, "The Socket-Type Property". */
const PEERS: Readonly<Record<OwnSocketType, readonly string[]>> = {
  DEALER: ['ROUTER', 'REP', 'DEALER'],
  ROUTER: ['DEALER', 'REQ', 'ROUTER'],
};

export function canTalk(own: OwnSocketType, peer: string): peer is SocketType {
  return PEERS[own].includes(peer);
}

/** RFC 37: a sender only SHOULD say what it is; libzmq takes one that does not. */
export function assumedPeer(own: OwnSocketType): SocketType {
  return own === 'DEALER' ? 'ROUTER' : 'DEALER';
}
