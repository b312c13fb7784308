import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { misfitOf, readEndpoint, shownAddress } from '../../nest/options/addresses.js';
import { isInproc } from '../../sockets/address.js';
import { errorCode } from '../../sockets/error-code.js';
import { placeOf, whyNoPath } from '../../sockets/node/place.js';
import { reasonOf } from '../../sockets/reason-of.js';
import { type Finding, Problem } from './finding.js';

/** Where the endpoint leads. */
export type Destination =
  | {
      readonly scheme: 'tcp' | 'tls';
      readonly endpoint: string;
      readonly host: string;
      readonly port: number;
    }
  | { readonly scheme: 'ipc'; readonly endpoint: string; readonly path: string };

export type MechanismName = 'curve' | 'plain' | 'tls';

/**
 * The first step: whether a client can use this address at all, and what is at the path of an ipc:// address.
 *
 * @param mechanism that of the client's `security`; undefined without
 */
export async function checkAddress(
  given: string,
  mechanism: MechanismName | undefined,
): Promise<Finding<Destination>> {
  const read = readEndpoint(given);
  if ('wrong' in read) {
    throw new Problem(`${shownAddress(given)} is not an address: ${read.wrong}`, adviceFor(given));
  }
  const endpoint = read.address;
  if (isInproc(endpoint)) throw new Problem(INPROC, INPROC_ADVICE);
  const misfit = misfitOf(endpoint, mechanism);
  if (misfit !== undefined) throw new Problem(`the address ${misfit}`, misfitAdvice(mechanism));
  const place = placeOf(endpoint);
  if (place.scheme === 'ipc') return checkPath(endpoint, place.path);
  const { host, port } = place;
  const scheme = endpoint.startsWith('tls:') ? 'tls' : 'tcp';
  return {
    value: { scheme, endpoint, host, port },
    summary: `${scheme}, host ${host}, port ${port}`,
    warnings: isWildcard(host) ? [`${host} is for servers. ${WILDCARD}`] : [],
    facts: { scheme, host, port },
  };
}

async function checkPath(endpoint: string, path: string): Promise<Finding<Destination>> {
  const flaw = whyNoPath(path);
  if (flaw !== undefined) {
    throw new Problem(flaw, [
      "Use a path in the file system, which both engines take, or the engine 'libzmq' at the client.",
    ]);
  }
  const whole = resolve(path);
  const found = await stat(path).catch((error: unknown) => {
    throw noPath(whole, error);
  });
  const mode = `0${(found.mode & 0o777).toString(8)}`;
  if (!found.isSocket()) {
    const kind = found.isDirectory() ? 'a directory' : 'a file';
    throw new Problem(`${whole} is ${kind}, and no socket`, [
      'Give the path that the server binds. A server makes its socket there, and does not overwrite anything else.',
    ]);
  }
  return {
    value: { scheme: 'ipc', endpoint, path },
    summary: `ipc, ${whole} is a socket, with the mode ${mode} and the owner ${found.uid}`,
    facts: { scheme: 'ipc', path: whole, mode, uid: found.uid, gid: found.gid },
  };
}

function noPath(path: string, error: unknown): Problem {
  const code = errorCode(error);
  if (code === 'EACCES') {
    return new Problem(`this user may not look at ${path} (EACCES)`, [
      'Let this user search (x) each directory of the path, or put the socket into one that both users share.',
    ]);
  }
  const what = code === 'ENOENT' || code === 'ENOTDIR' ? 'there is no such path' : reasonOf(error);
  return new Problem(`${path}: ${what}`, [
    'Start the server, on this machine: it makes the socket when it listens, and removes it when it closes.',
    'Compare the path with what the server logs. A relative path counts from the working directory of each process.',
    'In containers, mount the directory of the socket into both.',
  ]);
}

const INPROC =
  'inproc:// connects sockets of one thread of one process, and the doctor is a process of its own';
const INPROC_ADVICE = [
  'Ask the client in that process: client.stats() has the state of each server.',
];

const WILDCARD =
  'A client that connects to it reaches its own machine, and on some systems nothing: give a name or an address.';

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function misfitAdvice(mechanism: MechanismName | undefined): string[] {
  return mechanism === 'tls'
    ? ['Write tls:// if the server has TLS, or leave the --tls flags out if it has not.']
    : ['Give --tls-ca, the authority of the server, or write tcp://.'];
}

function adviceFor(given: string): string[] {
  if (/^https?:/iu.test(given)) {
    return [
      'Give the address that the server binds for ZeroMQ, tcp://HOST:PORT: it is not that of its HTTP.',
    ];
  }
  if (/^(?:tcp|tls):\/\/[\da-f]*:[\da-f:]*:\d+$/iu.test(given)) {
    return ['Put an IPv6 address into brackets: tcp://[::1]:5555.'];
  }
  if (/^\w+:\/\/\*/u.test(given)) {
    return [
      '* is for servers, and means every interface: give the name or the IP address of the machine.',
    ];
  }
  if (/^[^/:]+:\d+$/u.test(given)) return [`Write tcp://${given}.`];
  if (/^(?:tcp|tls):\/\/[^:]+$/u.test(given))
    return [`Append the port that the server binds: ${given}:5555.`];
  if (/^\.{0,2}\//u.test(given)) return [`Write ipc://${given} for the path of a socket.`];
  return ['An address is tcp://HOST:PORT, tls://HOST:PORT or ipc://PATH.'];
}
