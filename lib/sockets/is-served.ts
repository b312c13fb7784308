import { connect } from 'node:net';
import { errorCode } from './error-code.js';

/**
 * Whether a process listens at that `ipc://` address. libzmq would not say so, but take the path over: two servers would
 * listen, and nobody would reach the first one any more. Source: libzmq, `ipc_listener.cpp`, `set_local_address`, which
 * unlinks the file, so that one whose process has died is in nobody's way.
 */
export function isServed(address: string): Promise<boolean> {
  const [, path = '*'] = /^ipc:\/\/(.*)$/su.exec(address) ?? [];
  // `*` is a free path, and of a name that is not in the file system libzmq tells that it is taken.
  if (path === '*' || path.startsWith('@')) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect({ path });
    const told = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => told(true));
    // EAGAIN: so many wait for its process that it takes no more.
    socket.once('error', (error) => told(errorCode(error) === 'EAGAIN'));
  });
}
