import { connect } from 'node:net';
import { clearTimeout, monotonicNow, setTimeout } from '../../node-timers.js';
import { makeRoom } from '../../make-room.js';
import { type TcpAddress, tcpAddressOf } from '../../tcp-address.js';
import { notZmtp } from '../handshake-words.js';

/** What a probe may find out that libzmq does not report. */
export interface Finding {
  readonly reason: string;
}

/** How long a probe may take, in ms: servers of other protocols that speak first do so at once. */
const PATIENCE_MS = 1000;

/** How many probes may be under way in this process. */
const MOST_LOOKS = 2;

/** How long a finding is valid, in ms, so that a wrong endpoint is not probed at each attempt. */
const HOLDS_MS = 30_000;

/** How many findings are kept. */
const MOST_KEPT = 256;

/** The first byte that a ZeroMQ peer sends (RFC 23/ZMTP, "signature"). */
const SIGNATURE = 0xff;

/** What a ZeroMQ client sends first: a ZMTP 3 greeting up to its version. */
const GREETING = Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3]);

const kept = new Map<string, { finding: Finding; until: number }>();
let looks = 0;

/**
 * Finds out why a connection to a `tcp://` address fails: libzmq waits forever for a peer that is no ZeroMQ server, and takes one
 * that closes the connection for a server that has left.
 *
 * @param endpoint with an IP address
 * @returns undefined if nothing was found, or too many probes are under way
 */
export async function whatListens(endpoint: string): Promise<Finding | undefined> {
  const address = tcpAddressOf(endpoint);
  if (address?.scheme !== 'tcp') return undefined;
  const known = kept.get(endpoint);
  if (known && monotonicNow() < known.until) return known.finding;
  kept.delete(endpoint);
  if (looks >= MOST_LOOKS) return undefined;
  looks++;
  try {
    const finding = await look(address);
    if (finding) {
      makeRoom(kept, MOST_KEPT);
      kept.set(endpoint, { finding, until: monotonicNow() + HOLDS_MS });
    }
    return finding;
  } finally {
    looks--;
  }
}

async function look({ host, port }: TcpAddress): Promise<Finding | undefined> {
  const first = await firstWords(host, port);
  if (!first || first[0] === SIGNATURE) return undefined;
  return notZmtp(first);
}

/** The first bytes that a ZeroMQ client gets there; undefined if none. */
function firstWords(host: string, port: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (words?: Buffer) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(words);
    };
    const timer = setTimeout(done, PATIENCE_MS);
    socket.once('connect', () => socket.write(GREETING));
    socket.once('data', done);
    socket.once('error', () => done());
    socket.once('close', () => done());
  });
}
