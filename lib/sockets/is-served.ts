import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { errorCode } from './error-code.js';

/**
 * Whether a process listens at that `ipc://` address. libzmq would not say so, but take the path over: two servers would
 * listen, and nobody would reach the first one any more. Source: libzmq, `ipc_listener.cpp`, `set_local_address`, which
 * unlinks the file, so that one whose process has died is in nobody's way.
 *
 * @throws if what is there is no socket: neither engine is to take a file away that somebody wants to keep
 */
export async function isServed(address: string): Promise<boolean> {
  const [, path = '*'] = /^ipc:\/\/(.*)$/su.exec(address) ?? [];
  // `*` is a free path, and of a name that is not in the file system libzmq tells that it is taken.
  if (path === '*' || path.startsWith('@')) return false;
  if (statSync(path, { throwIfNoEntry: false })?.isSocket() === false) throw NO_SOCKET;
  return new Promise((resolve) => {
    const socket = connect({ path });
    const told = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => told(true));
    // EAGAIN: so many wait for its process that it takes no more. EACCES, EPROTOTYPE: it is another user's, or of datagrams.
    socket.once('error', (error) => told(!FREE.has(errorCode(error))));
  });
}

const FREE = new Set<string | undefined>(['ECONNREFUSED', 'ENOENT']);

const NO_SOCKET = Object.assign(new Error('It is no socket'), { code: 'ENOTSOCK' });
