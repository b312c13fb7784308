import { ReplayWindow } from '../../core/replay-window.js';
import type { ReplyHeaders } from '../../protocol/headers.js';
import type { Ack, Content, Id, NegotiatedReply } from '../../protocol/messages.js';
import { exceeds } from '../../protocol/size.js';
import type { ClientSession } from './client-session.js';
import type { Job } from './job.js';

/** What is remembered, whatever the window: 16 MiB is little for a server, and 10 000 calls a second of most. */
const MOST_OUTCOMES = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** A larger answer is not kept: a few of them would drive out all others. */
const LARGEST_ANSWER = MOST_BYTES / 16;

/** The rest is for the others: one client that calls without a pause does not make the server forget theirs. */
const ONE_CLIENTS_SHARE = 7 / 8;

/** What an outcome takes besides its body and its id, in bytes, roughly. */
const OVERHEAD = 512;

/** What a character of an id takes at most. */
const BYTES_PER_CHARACTER = 2;

/** `spent`: it has ended, and what it was answered is not kept. */
export type Outcome = NegotiatedReply<Content> | Ack | 'spent';

/** What is kept of an outcome. Its bytes are its own: text, or a slice, may keep alive the larger one it is of. */
interface KeptReply {
  readonly headers: ReplyHeaders;
  readonly isText: boolean;
  readonly body: Buffer;
}

type Kept = KeptReply | 'ack' | 'spent';

/** Who hears the replies of one call. */
export interface ReplyTarget {
  send(reply: NegotiatedReply<Content>): void;
  /** What the call is to be answered if it comes again, if that is remembered. */
  readonly outcome?: Outcome | undefined;
}

/** Answers calls and events that come again after they have ended, so that they do not run again. */
export class Replays {
  readonly #window: ReplayWindow<Kept> | undefined;
  #replayed = 0;

  /** @param ms how long after its end a call is remembered; 0 for not at all */
  constructor(ms: number) {
    if (ms > 0)
      this.#window = new ReplayWindow({
        window: ms,
        maxCount: MOST_OUTCOMES,
        maxBytes: MOST_BYTES,
        share: ONE_CLIENTS_SHARE,
      });
  }

  /** How many have come again. */
  get replayed(): number {
    return this.#replayed;
  }

  /** Says again what was said at the end of that call or event; false if nothing of it is remembered. */
  replay(session: ClientSession, id: Id, now: number): boolean {
    const kept = this.#window?.recall(session, id, now);
    if (!kept) return false;
    this.#replayed++;
    session.send(said(id, kept));
    return true;
  }

  /** What has to hear the replies of a call, so that its outcome can be remembered. */
  record(session: ClientSession): ReplyTarget {
    return this.#window ? new Recorder(session) : session;
  }

  /** A call or an event has ended like that. */
  remember({ owner, id }: Job, outcome: Outcome, now: number): void {
    if (!this.#window) return;
    const kept = keptOf(outcome);
    const length = typeof kept === 'string' ? 0 : kept.body.length;
    const bytes = OVERHEAD + id.length * BYTES_PER_CHARACTER + length;
    this.#window.remember(owner, id, kept, bytes, now, owner.budget);
  }
}

/** Hears what a call is answered. */
export class Recorder implements ReplyTarget {
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

  /** Undefined if the call was refused: it may come again. A stream is spent, and so is what was cancelled. */
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
