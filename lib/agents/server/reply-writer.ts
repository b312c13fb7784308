import { type Body, EMPTY_BODY, encodeBody, Serialized } from '../../protocol/body.js';
import { encodeError, encodeUntypedError } from '../../protocol/error-body.js';
import type { RefusalReason, ReplyStatus } from '../../protocol/headers.js';
import type { Content, Id, NegotiatedReply, Untyped } from '../../protocol/messages.js';
import { exceeds } from '../../protocol/size.js';
import type { Outcome, ReplyTarget } from './reply-target.js';

/** Writes the replies to one request, in the dialect of that request. */
export interface ReplyWriter {
  next(body: Body): void;
  last(body: Body): void;
  complete(): void;
  error(error: unknown): void;
  /** Whether the caller understands a refusal. */
  readonly canRefuse: boolean;
  refuse(reason: RefusalReason, message: string): void;
  /** The answer if the call comes again; undefined if that is not remembered. */
  readonly outcome: Outcome | undefined;
  /** The largest body that may be written, in bytes. The writer itself replaces errors that are larger. */
  readonly maxBytes: number;
}

/** Writes to a client of the negotiated dialect: each value at once. */
export class NegotiatedReplyWriter implements ReplyWriter {
  readonly canRefuse = true;
  readonly #id: Id;
  readonly #client: ReplyTarget;

  constructor(
    id: Id,
    client: ReplyTarget,
    readonly maxBytes: number,
  ) {
    this.#id = id;
    this.#client = client;
  }

  get outcome(): Outcome | undefined {
    return this.#client.outcome;
  }

  next(body: Body): void {
    this.#write('next', body);
  }

  last(body: Body): void {
    this.#write('last', body);
  }

  complete(): void {
    this.#write('end', EMPTY_BODY);
  }

  error(error: unknown): void {
    const body = errorBody(error);
    // The replacement is short, and goes out whatever limit the client claims.
    const isTooLarge = exceeds(body.content, this.maxBytes);
    this.#write('error', isTooLarge ? errorBody(tooLarge('error', body, this.maxBytes)) : body);
  }

  refuse(reason: RefusalReason, message: string): void {
    this.#client.send(refusal(this.#id, reason, message));
  }

  #write(status: ReplyStatus, { type, serialized, content }: Body): void {
    this.#client.send({
      type: 'reply',
      dialect: 'negotiated',
      id: this.#id,
      body: content,
      headers: { status, type, serialized },
    });
  }
}

function errorBody(error: unknown): Body {
  if (error instanceof Serialized) return encodeBody(error);
  return { type: 'json', content: encodeError(error) };
}

/** Writes to a client of the older dialects: one reply per call, which is the last of its values. */
export function untypedReplyWriter(
  request: Untyped<'request', unknown>,
  send: (reply: Untyped<'reply', Content>) => void,
  maxBytes: number,
): ReplyWriter {
  const reply = (body: Content) =>
    send(
      request.dialect === 'basic'
        ? { type: 'reply', dialect: 'basic', body }
        : { type: 'reply', dialect: request.dialect, id: request.id, body },
    );
  let latest = EMPTY_BODY;
  return {
    next: (body) => {
      latest = body;
    },
    last: (body) => reply(body.content),
    complete: () => reply(latest.content),
    error: (error) => {
      const content = encodeUntypedError(error);
      const isTooLarge = exceeds(content, maxBytes);
      reply(isTooLarge ? encodeUntypedError(tooLarge('error', { content }, maxBytes)) : content);
    },
    canRefuse: false,
    outcome: undefined,
    maxBytes,
    // The older dialects have no refusals: an error as of a handler comes nearest.
    refuse: (_reason, message) => reply(encodeUntypedError(message)),
  };
}

/** Replaces a value or an error that is too large to be sent. */
export function tooLarge(what: 'value' | 'error', { content }: Pick<Body, 'content'>, max: number) {
  return {
    status: 'error',
    message:
      `The ${what} that the handler answered has ${Buffer.byteLength(content)} bytes, and maxMessageSize ` +
      `allows ${max}: answer less at a time, as a stream, or raise it at the server and at the client.`,
  };
}

/** Tells the caller that its call was not executed, so that it can try elsewhere. */
export function refusal(id: Id, reason: RefusalReason, message: string): NegotiatedReply<string> {
  return {
    type: 'reply',
    dialect: 'negotiated',
    id,
    body: JSON.stringify({ reason, message }),
    headers: { status: 'refused', type: 'json' },
  };
}
