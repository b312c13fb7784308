import type { ServerListener } from '../../lib/sockets/socket-port.js';

/** What a server's socket tells, of which a test hears only some. */
export function serverListener(heard: Partial<ServerListener> = {}): ServerListener {
  return {
    onMessage() {},
    onPeerLost() {},
    onStrangerLost() {},
    onRevoked() {},
    onRefused() {},
    onUndecided() {},
    onStranger() {},
    onAcceptFailed() {},
    onFailed() {},
    ...heard,
  };
}
