import { createServer } from 'node:net';
import { errorCode } from './error-code.js';
import { tcpAddressOf } from '../tcp-address.js';
import { hostOf, LONGEST_PATH } from './address.js';
import { reasonOf } from './reason-of.js';
import { LOOKUP_MS } from './resolver.js';

/** Why an address cannot be bound. */
export interface BindError extends Error {
  /** A code as Node's own sockets have it: `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `ENOENT`, `ENOTFOUND`. */
  readonly code: string | undefined;
  /** The address, as the option `bind` has it. */
  readonly address: string;
}

/** Describes why an address cannot be bound, and what to do about it. libzmq itself gives a code and half a sentence. */
export async function bindError(address: string, error: unknown): Promise<BindError> {
  const told = errorCode(error);
  const isTelling = told !== undefined && told in WHY;
  const code = isTelling ? told : ((await codeOfNode(address)) ?? told);
  const why = (code !== undefined && WHY[code]?.(address)) || reasonOf(error);
  const text = `cannot bind ${address}: ${why}${code === undefined ? '' : ` (${code})`}`;
  return Object.assign(new Error(text, { cause: error }), { code, address });
}

/**
 * The code with which Node fails to bind the same address. libzmq reports the failure to its monitor before it returns, and
 * `bind` sometimes fails with the code that this leaves in `errno`: EAGAIN, which says nothing.
 */
function codeOfNode(address: string): Promise<string | undefined> {
  const { host, port = 0 } = tcpAddressOf(address) ?? {};
  if (port === 0) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(errorCode(error)));
    server.listen({ port, exclusive: true, ...(host !== '*' && { host }) }, () =>
      server.close(() => resolve(undefined)),
    );
  });
}

function unresolved(address: string): string {
  return `${hostOf(address)} is neither a name that resolves nor an interface of this machine`;
}

const WHY: Partial<Record<string, (address: string) => string>> = {
  EADDRINUSE: () => 'another socket has it, of this process or another one',
  EADDRNOTAVAIL: (address) => `${hostOf(address)} is no address of this machine`,
  ENOTFOUND: unresolved,
  EAI_AGAIN: unresolved,
  ETIMEDOUT: (address) => `the name ${hostOf(address)} has not resolved within ${LOOKUP_MS} ms`,
  ENOENT: (address) =>
    address.startsWith('ipc:') ? 'there is no such directory' : 'there is no such endpoint',
  ENOTSOCK: () => 'what is there is no socket, and stays as it is',
  ENAMETOOLONG: () => `its path is longer than ${LONGEST_PATH} bytes: that of TMPDIR may be`,
  EMFILE: () => 'this process has no file descriptor left',
  ENFILE: () => 'this machine has no file descriptor left',
  EACCES: () =>
    'this process may not: ports below 1024, and directories of others, need permission',
};
