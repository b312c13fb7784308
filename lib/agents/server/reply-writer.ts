import { type Body, EMPTY_BODY, encodeBody, Serialized } from '../../protocol/body.js';
import { encodeError, encodeUntypedError } from '../../protocol/error-body.js';
import type { RefusalReason, ReplyStatus } from '../../protocol/headers.js';
import type { Content, Id, Reply, Request } from '../../protocol/messages.js';

/** Writes the answer to one request, in the dialect of that request. */
export interface ReplyWriter {
  next(body: Body): void;
  last(body: Body): void;
  complete(): void;
  error(error: unknown): void;
}

type Send = (reply: Reply<Content>) => void;

export function replyWriter(request: Request, send: Send): ReplyWriter {
  switch (request.dialect) {
    case 'negotiated':
      return new NegotiatedWriter(request.id, send);
    case 'tracked':
      return untypedWriter((body) =>
        send({ type: 'reply', dialect: 'tracked', id: request.id, body }),
      );
    case 'basic':
      return untypedWriter((body) => send({ type: 'reply', dialect: 'basic', body }));
  }
}

class NegotiatedWriter implements ReplyWriter {
  readonly #id: Id;
  readonly #send: Send;

  constructor(id: Id, send: Send) {
    this.#id = id;
    this.#send = send;
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
    const isSerialized = error instanceof Serialized;
    this.#write(
      'error',
      isSerialized ? encodeBody(error) : { type: 'json', content: encodeError(error) },
    );
  }

  #write(status: ReplyStatus, { type, serialized, content }: Body): void {
    this.#send({
      type: 'reply',
      dialect: 'negotiated',
      id: this.#id,
      body: content,
      headers: { status, type, serialized },
    });
  }
}

/** The older dialects have one reply for a call: the last of its values, or nothing. */
function untypedWriter(reply: (body: Content) => void): ReplyWriter {
  let latest = EMPTY_BODY;
  return {
    next: (body) => {
      latest = body;
    },
    last: (body) => reply(body.content),
    complete: () => reply(latest.content),
    error: (error) => reply(encodeUntypedError(error)),
  };
}

/** Says that a call was not executed, so that it can be tried elsewhere. */
export function refusal(id: Id, reason: RefusalReason, message: string): Reply<string> {
  return {
    type: 'reply',
    dialect: 'negotiated',
    id,
    body: JSON.stringify({ reason, message }),
    headers: { status: 'refused', type: 'json' },
  };
}
