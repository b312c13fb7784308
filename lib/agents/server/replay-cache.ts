import { ReplayWindow } from '../../core/replay-window.js';
import type { ReplyHeaders } from '../../protocol/headers.js';
import type { Ack, Content, Id, NegotiatedReply } from '../../protocol/messages.js';
import { exceeds } from '../../protocol/size.js';
import type { ClientSession } from './client-session.js';
import type { Job } from './job.js';
import type { Outcome, ReplyTarget } from './reply-target.js';

/** The bounds of the cache, whatever its window: a small part of a server's memory, and a second of 10 000 calls. */
const MOST_OUTCOMES = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** Larger answers are not kept: a few of them would evict all others. */
const LARGEST_ANSWER = MOST_BYTES / 16;

/** The largest share of one client: one that calls without a pause must not evict the answers to all others. */
const ONE_CLIENTS_SHARE = 7 / 8;

/** An estimate of what an outcome takes besides its body and its id, in bytes. */
const OVERHEAD = 512;

/** The most that a character of an id takes. */
const BYTES_PER_CHARACTER = 2;

/** An outcome as it is kept. The body is a copy: a string or a slice may keep a larger one alive. */
interface KeptReply {
  readonly headers: ReplyHeaders;
  readonly isText: boolean;
  readonly body: Buffer;
}

type Kept = KeptReply | 'ack' | 'spent';

/** Remembers the answers to calls and events for a while, so that one that is repeated after its end does not run again. */
export class ReplayCache {
  readonly #window: ReplayWindow<Kept> | undefined;
  #replayed = 0;

  /** @param ms how long after its end a call is remembered; 0 turns this off */
  constructor(ms: number) {
    if (ms > 0)
      this.#window = new ReplayWindow({
        window: ms,
        maxCount: MOST_OUTCOMES,
        maxBytes: MOST_BYTES,
        share: ONE_CLIENTS_SHARE,
      });
  }

  /** How many repetitions were answered. */
  get replayed(): number {
    return this.#replayed;
  }

  /** Sends the answer to that call or event once more; false if it is not remembered. */
  replay(session: ClientSession, id: Id, now: number): boolean {
    const kept = this.#window?.recall(session, id, now);
    if (!kept) return false;
    this.#replayed++;
    session.send(said(id, kept));
    return true;
  }

  /** Where the replies of a call have to go, so that its outcome can be remembered. */
  record(session: ClientSession): ReplyTarget {
    return this.#window ? new Recorder(session) : session;
  }

  /** Remembers how a call or an event has ended. */
  remember({ client, id }: Job, outcome: Outcome, now: number): void {
    if (!this.#window) return;
    const kept = keptOf(outcome);
    const length = typeof kept === 'string' ? 0 : kept.body.length;
    const bytes = OVERHEAD + id.length * BYTES_PER_CHARACTER + length;
    this.#window.remember(client, id, kept, bytes, now, client.budget);
  }
}

/** Passes the replies of a call on, and notes how it ends. */
class Recorder implements ReplyTarget {
  readonly #session: ReplyTarget;
  #isStream = false;
  #outcome: Outcome | undefined = 'spent';

  constructor(session: ReplyTarget) {
    this.#session = session;
  }

  send(reply: NegotiatedReply<Content>): void {
    const { status } = reply.headers;
    if (status === 'next') this.#isStream = true;
    else if (status === 'refused') this.#outcome = undefined;
    else if (!this.#isStream) this.#outcome = reply;
    this.#session.send(reply);
  }

  /** Undefined if the call was refused, since it may then run when it comes again. Streams and cancelled calls are `spent`. */
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }
}

function keptOf(outcome: Outcome): Kept {
  if (outcome === 'spent') return outcome;
  if (outcome.type === 'ack') return 'ack';
  const { body, headers } = outcome;
  if (exceeds(body, LARGEST_ANSWER)) return 'spent';
  const isText = typeof body === 'string';
  const bytes = Buffer.allocUnsafeSlow(isText ? Buffer.byteLength(body) : body.length);
  if (isText) bytes.write(body);
  else body.copy(bytes);
  return { headers, isText, body: bytes };
}

function said(id: Id, kept: Kept): NegotiatedReply<Content> | Ack {
  if (kept === 'spent') return spentReply(id);
  if (kept === 'ack') return { type: 'ack', id };
  const { headers, isText } = kept;
  const body = isText ? kept.body.toString() : kept.body;
  return { type: 'reply', dialect: 'negotiated', id, body, headers };
}

function spentReply(id: Id): NegotiatedReply<string> {
  return {
    type: 'reply',
    dialect: 'negotiated',
    id,
    body: JSON.stringify({
      status: 'error',
      message:
        'This call has ended before, and its answer is not kept. It was not run again: ' +
        'give a call that is to run again an id of its own.',
    }),
    headers: { status: 'error', type: 'json' },
  };
}
