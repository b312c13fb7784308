import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { errorCode } from './error-code.js';

/**
 * Whether a process listens at that `ipc://` address. libzmq does not check this: it unlinks the file, so that the socket of a
 * dead process is in nobody's way (`ipc_listener.cpp`, `set_local_address`). A live server would then be unreachable.
 *
 * @throws if the file is no socket: neither engine may remove a file that somebody wants to keep
 */
export async function isServed(address: string): Promise<boolean> {
  const [, path = '*'] = /^ipc:\/\/(.*)$/su.exec(address) ?? [];
  // `*` stands for a free path; libzmq itself reports that an abstract name is in use.
  if (path === '*' || path.startsWith('@')) return false;
  if (statSync(path, { throwIfNoEntry: false })?.isSocket() === false) throw NO_SOCKET;
  return new Promise((resolve) => {
    const socket = connect({ path });
    const told = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => told(true));
    // EAGAIN: its backlog is full. EACCES: it belongs to another user. EPROTOTYPE: it is a datagram socket.
    socket.once('error', (error) => told(!FREE.has(errorCode(error))));
  });
}

const FREE = new Set<string | undefined>(['ECONNREFUSED', 'ENOENT']);

const NO_SOCKET = Object.assign(new Error('It is no socket'), { code: 'ENOTSOCK' });
