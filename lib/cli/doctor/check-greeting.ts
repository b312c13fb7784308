import type { Socket } from 'node:net';
import { nodeClock } from '../../sockets/clock.js';
import { errorCode } from '../../sockets/error-code.js';
import { whySslFailed } from '../../sockets/node/tls-words.js';
import type { MechanismName as ZmtpMechanismName } from '../../zmtp/mechanism.js';
import { nullMechanism } from '../../zmtp/null-mechanism.js';
import {
  encodeGreeting,
  type GreetingFields,
  GreetingReader,
  greetingFields,
} from '../../zmtp/greeting.js';
import { isZmtpError, type ZmtpError } from '../../zmtp/zmtp-error.js';
import { printable } from '../../zmtp/printable.js';
import type { MechanismName } from './check-address.js';
import { hangUp } from './dial.js';
import { type Finding, Problem } from './finding.js';
import { mechanismAdvice } from './mechanism-advice.js';
import { speaksTls } from './speaks-tls.js';
import { shownMs } from './words.js';
import { within } from './within.js';

/** What a peer has said first. */
type Heard =
  | { readonly type: 'greeting'; readonly fields: GreetingFields }
  | { readonly type: 'stranger'; readonly error: ZmtpError; readonly words: Buffer }
  | { readonly type: 'closed'; readonly words: Buffer; readonly code: string | undefined }
  /** It has begun to greet, and goes on no more. */
  | { readonly type: 'unfinished'; readonly octets: number };

/** A greeting may come in several pieces; the first words of a stranger are kept up to this, in bytes. */
const MOST_WORDS = 80;

/**
 * A peer says its mechanism once it knows our version. Ours is left unsaid: libzmq closes the connection when the two differ, and
 * its own is then often not sent yet. In bytes.
 */
const SIGNATURE_AND_VERSION = 12;

/** Servers that wait for a line, such as Redis, answer one. A ZMTP peer has greeted long before: it does so at once. */
const NUDGE = '\r\n\r\n';
const NUDGE_AFTER_MS = 1000;

/**
 * Who is there: what it sends first, and which mechanism it has.
 *
 * @param open makes a connection, with TLS if the endpoint has it
 * @param mechanism that of the client's `security`; undefined without
 */
export async function checkGreeting(
  open: () => Promise<Socket>,
  mechanism: MechanismName | undefined,
  timeoutMs: number,
): Promise<Finding<void>> {
  const heard = await listenTo(await open(), timeoutMs);
  const isWordless = !heard || (heard.type === 'closed' && heard.words.length === 0);
  if (isWordless && mechanism !== 'tls' && (await speaksTls(await open(), timeoutMs))) {
    throw new Problem('it speaks TLS, and not ZMTP', WRITE_TLS);
  }
  if (!heard) throw mute(timeoutMs);
  if (heard.type === 'closed') throw closed(heard.words, heard.code);
  if (heard.type === 'unfinished') throw unfinished(heard.octets, timeoutMs);
  if (heard.type === 'stranger') throw stranger(heard.error, heard.words);
  const { version, mechanism: theirs } = heard.fields;
  // TLS is below ZMTP, which then needs no security of its own.
  const ours: ZmtpMechanismName =
    mechanism === undefined || mechanism === 'tls'
      ? 'NULL'
      : mechanism === 'curve'
        ? 'CURVE'
        : 'PLAIN';
  const facts = { zmtp: version, mechanism: theirs };
  if (theirs !== ours) {
    throw new Problem(
      `the server has ${shownMechanism(theirs)}, and this client has ${shownMechanism(ours)}`,
      mechanismAdvice(theirs),
      facts,
    );
  }
  return {
    value: undefined,
    summary: `ZMTP ${version}, with ${shownMechanism(theirs)}, as this client`,
    facts,
  };
}

async function listenTo(socket: Socket, timeoutMs: number): Promise<Heard | undefined> {
  const own = nullMechanism({ socketType: 'DEALER' });
  const reader = new GreetingReader(own);
  let bytes = Buffer.alloc(0);
  const heard = await within<Heard>(timeoutMs, (settle) => {
    const cancelNudge = nodeClock.after(Math.min(NUDGE_AFTER_MS, timeoutMs / 2), () => {
      if (bytes.length === 0) socket.write(NUDGE);
    });
    let isDone = false;
    socket.on('data', (chunk: Buffer) => {
      if (isDone) return;
      bytes = Buffer.concat([bytes, chunk]);
      for (const octet of chunk) {
        const outcome = reader.push(octet);
        if (!outcome) continue;
        isDone = true;
        const isGreeting = !isZmtpError(outcome) || outcome.code === 'mechanism-mismatch';
        settle(
          isGreeting
            ? { type: 'greeting', fields: greetingFields(bytes) }
            : { type: 'stranger', error: outcome, words: bytes.subarray(0, MOST_WORDS) },
        );
        return;
      }
    });
    const over = (error?: unknown) =>
      settle({ type: 'closed', words: bytes, code: errorCode(error) });
    socket.once('error', over);
    socket.once('end', over);
    socket.once('close', () => over());
    socket.write(encodeGreeting(own).subarray(0, SIGNATURE_AND_VERSION));
    return cancelNudge;
  });
  hangUp(socket);
  if (heard || bytes.length === 0) return heard;
  return { type: 'unfinished', octets: bytes.length };
}

function shownMechanism(name: string): string {
  if (name === 'NULL') return 'no security (NULL)';
  return name === '' ? 'a mechanism without a name' : name;
}

function mute(timeoutMs: number): Problem {
  return new Problem(`it accepts the connection, and says nothing for ${shownMs(timeoutMs)}`, [
    'It may not be a ZeroMQ server: those greet at once. Check the port.',
    'If it is the right process, it hangs: the system accepts connections for a process that is stopped, in a debugger, or whose event loop is busy.',
    'It may be a proxy that cannot reach the server.',
  ]);
}

function unfinished(octets: number, timeoutMs: number): Problem {
  return new Problem(
    `it begins like a ZeroMQ server, and says no more than ${octets} bytes in ${shownMs(timeoutMs)}`,
    [
      'It may be no ZeroMQ server, and send back what it is sent, as an echo service does. Check the port.',
      'If it is the right process, it hangs.',
    ],
  );
}

function closed(words: Buffer, code: string | undefined): Problem {
  // In TLS 1.3 a client is done before the server has seen its certificate.
  if (code?.startsWith('ERR_SSL_')) {
    return new Problem(whySslFailed(code).reason, [
      'Give --tls-cert and --tls-key: a certificate of yours that the server accepts.',
    ]);
  }
  const said = words.length === 0 ? 'without a word' : `after ${words.length} bytes of a greeting`;
  return new Problem(`it closes the connection ${said}`, [
    'Look for a proxy or load balancer in between, whose server is down.',
    'A server of this library does so with more connections than its maxConnections: see its log.',
  ]);
}

function stranger(error: ZmtpError, words: Buffer): Problem {
  const [line = ''] = words.toString('latin1').split(/[\r\n]/u);
  if (!/^[ -~]{4,}/u.test(line)) return new Problem(error.message, strangerAdvice(error, ''));
  const said = `it says "${printable(Buffer.from(line, 'latin1'))}"`;
  // Its octets are of no use to whoever can read its words.
  const what = error.message.replace(/: its first octets are .*$/u, '');
  return new Problem(`${what}; ${said}`, strangerAdvice(error, line));
}

const WRITE_TLS = [
  'Write tls:// in the place of tcp://, with --tls-ca if the authority is your own.',
];

function strangerAdvice({ code, message }: ZmtpError, line: string): string[] {
  if (code === 'old-version') {
    return ['Update it: this library speaks ZMTP 3, which ZeroMQ has since 4.0 (2013).'];
  }
  if (message.includes('TLS')) {
    return WRITE_TLS;
  }
  // Some web servers answer what they do not understand with a page, and no more.
  if (message.includes('HTTP') || /^<(?:!doctype )?html/iu.test(line)) {
    return [
      'Give the port that the server binds for ZeroMQ. In a hybrid application it is not that of HTTP: see `bind` of FreelanceTransportServer.',
    ];
  }
  return ['Correct the port or the host: another service listens there.'];
}
