import { connect } from 'node:net';
import { clearTimeout, monotonicNow, setTimeout } from '../../node-timers.js';
import { makeRoom } from '../../make-room.js';
import { hostOf } from '../address.js';
import { notZmtp } from '../handshake-words.js';

/** What a look may find that libzmq does not tell. */
export interface Finding {
  readonly reason: string;
}

/** How long a look may take, in ms: whoever speaks first does so at once. */
const PATIENCE_MS = 1000;

/** Looks under way in this process. */
const MOST_LOOKS = 2;

/** What was found holds so long, in ms, so that a wrong endpoint is not looked at each time it is tried. */
const HOLDS_MS = 30_000;

/** Endpoints of which a finding is kept. */
const MOST_KEPT = 256;

/** The first byte that a ZeroMQ peer sends (RFC 23/ZMTP, "signature"). */
const SIGNATURE = 0xff;

/** What a ZeroMQ client says first: a greeting of ZMTP 3 up to its version. What comes of it is not awaited. */
const GREETING = Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3]);

const kept = new Map<string, { finding: Finding; until: number }>();
let looks = 0;

/**
 * Why a connection to a `tcp://` address does not come about: libzmq waits for whoever is no ZeroMQ server, and takes whoever
 * closes the connection for one that has left.
 *
 * @param endpoint with an IP address
 * @returns undefined if nothing is found, or too many look already
 */
export async function whatListens(endpoint: string): Promise<Finding | undefined> {
  const port = /^tcp:.*:(\d+)$/.exec(endpoint)?.[1];
  if (port === undefined) return undefined;
  const known = kept.get(endpoint);
  if (known && monotonicNow() < known.until) return known.finding;
  kept.delete(endpoint);
  if (looks >= MOST_LOOKS) return undefined;
  looks++;
  try {
    const finding = await look(hostOf(endpoint), Number(port));
    if (finding) {
      makeRoom(kept, MOST_KEPT);
      kept.set(endpoint, { finding, until: monotonicNow() + HOLDS_MS });
    }
    return finding;
  } finally {
    looks--;
  }
}

async function look(host: string, port: number): Promise<Finding | undefined> {
  const first = await firstWords(host, port);
  if (!first || first[0] === SIGNATURE) return undefined;
  return notZmtp(first);
}

/** What is said to a ZeroMQ client; undefined if nothing. */
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
