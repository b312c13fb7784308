import { ZmtpError } from './zmtp-error.js';

/** How another protocol begins. `undefined` stands for any octet. */
interface Opening {
  readonly octets: readonly (number | undefined)[];
  readonly name: string;
}

function text(start: string, name: string): Opening {
  return { octets: [...Buffer.from(start)], name };
}

const HTTP_METHODS = 'GET POST PUT HEAD DELETE OPTIONS PATCH CONNECT TRACE'.split(' ');

const OPENINGS: readonly Opening[] = [
  ...HTTP_METHODS.map((method) => text(`${method} `, 'HTTP (a request)')),
  text('HTTP/', 'HTTP (a response)'),
  // RFC 9113, section 3.4, and a first SETTINGS frame, section 6.5.
  text('PRI * HTT', 'HTTP/2 (a client)'),
  { octets: [0, 0, undefined, 4, 0], name: 'HTTP/2 (a server)' },
  // RFC 8446, section 5.1: content types handshake (client and server hello) and alert, of version 3.x.
  { octets: [22, 3, undefined, undefined, undefined, 1], name: 'TLS (a client)' },
  { octets: [22, 3, undefined, undefined, undefined, 2], name: 'TLS (a server)' },
  { octets: [21, 3], name: 'TLS (an alert)' },
  // RFC 4253, section 4.2.
  text('SSH-', 'SSH'),
  text('INFO ', 'NATS (a server)'),
  text('-ERR ', 'Redis or NATS (a server)'),
  text('AMQP', 'AMQP'),
  text('220', 'SMTP or FTP (a server)'),
];

const SIGNATURE_START = 0xff;
const SIGNATURE_BYTES = 10;
const SIGNATURE_END = 0x7f;
const ANONYMOUS = [1, 0];

/**
 * Recognizes anything that is not the signature of a greeting, after as few octets as possible.
 *
 * @param bytes at most 10; the result for fewer of them was undefined
 */
export function nameStranger(bytes: Buffer): ZmtpError | undefined {
  if (bytes[0] === SIGNATURE_START) {
    const last = bytes[SIGNATURE_BYTES - 1];
    if (last === undefined || last === SIGNATURE_END) return undefined;
    // A long frame of ZMTP 1.0 (RFC 13): eight octets of length, then flags, of which only MORE is used.
    return last <= 1 ? zmtp1() : unknown(bytes);
  }
  // Sent by every ZMTP 1.0 peer without an identity of its own.
  if (begins(bytes, ANONYMOUS)) return bytes.length < ANONYMOUS.length ? undefined : zmtp1();
  const candidates = OPENINGS.filter(({ octets }) => begins(bytes, octets));
  const found = candidates.find(({ octets }) => bytes.length >= octets.length);
  if (found) return new ZmtpError('not-zmtp', `the peer speaks ${found.name}, not ZMTP`);
  return candidates.length > 0 ? undefined : unknown(bytes);
}

function begins(bytes: Buffer, octets: readonly (number | undefined)[]): boolean {
  for (const [at, octet] of octets.entries()) {
    if (at >= bytes.length) return true;
    if (octet !== undefined && octet !== bytes[at]) return false;
  }
  return true;
}

function zmtp1(): ZmtpError {
  return new ZmtpError('old-version', 'the peer speaks ZMTP 1: ZeroMQ before 3.2');
}

function unknown(bytes: Buffer): ZmtpError {
  const shown = bytes.toString('hex').replaceAll(/..(?=.)/g, '$& ');
  return new ZmtpError('not-zmtp', `the peer does not speak ZMTP: its first octets are ${shown}`);
}
