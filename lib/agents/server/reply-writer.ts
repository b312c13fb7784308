import { type Body, EMPTY_BODY, encodeBody, Serialized } from '../../protocol/body.js';
import { encodeError, encodeUntypedError } from '../../protocol/error-body.js';
import type { RefusalReason } from '../../protocol/headers.js';
import type { Reply, Request } from '../../protocol/messages.js';

/** Writes the answer to one request, in the dialect of that request. */
export interface ReplyWriter {
  next(body: Body): void;
  last(body: Body): void;
  complete(): void;
  error(error: unknown): void;
}

export function replyWriter(request: Request, send: (reply: Reply) => void): ReplyWriter {
  switch (request.dialect) {
    case 'negotiated':
      return negotiatedWriter(request.id, send);
    case 'tracked':
      return untypedWriter((body) =>
        send({ type: 'reply', dialect: 'tracked', id: request.id, body }),
      );
    case 'basic':
      return untypedWriter((body) => send({ type: 'reply', dialect: 'basic', body }));
  }
}

function negotiatedWriter(id: Buffer, send: (reply: Reply) => void): ReplyWriter {
  const write = (status: 'next' | 'last' | 'end' | 'error', { bytes, ...how }: Body) =>
    send({ type: 'reply', dialect: 'negotiated', id, body: bytes, headers: { status, ...how } });
  return {
    next: (body) => write('next', body),
    last: (body) => write('last', body),
    complete: () => write('end', EMPTY_BODY),
    error: (error) =>
      write(
        'error',
        error instanceof Serialized
          ? encodeBody(error)
          : { type: 'json', bytes: encodeError(error) },
      ),
  };
}

/** The older dialects have one reply for a call: the last of its values, or nothing. */
function untypedWriter(reply: (body: Buffer) => void): ReplyWriter {
  let latest = EMPTY_BODY;
  return {
    next: (body) => {
      latest = body;
    },
    last: (body) => reply(body.bytes),
    complete: () => reply(latest.bytes),
    error: (error) => reply(encodeUntypedError(error)),
  };
}

/** Says that a call was not executed, so that it can be tried elsewhere. */
export function refusal(id: Buffer, reason: RefusalReason, message: string): Reply {
  return {
    type: 'reply',
    dialect: 'negotiated',
    id,
    body: Buffer.from(JSON.stringify({ reason, message })),
    headers: { status: 'refused', type: 'json' },
  };
}
