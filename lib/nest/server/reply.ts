import type { WritePacket } from '@nestjs/microservices';
import { finalize, type Observable } from 'rxjs';
import { AsyncContext } from '../../async-context.js';
import type { ServerCall } from '../../agents/server/server-call.js';
import { isError } from '../../is-error.js';
import { Serialized } from '../../protocol/body.js';
import { inTime } from './in-time.js';
import type { PacketCodec } from '../packet-codec.js';
import { INTERNAL_ERROR } from './nest-words.js';
import { bodyOf, type ErrorLog, Replies } from './replies.js';
import { findUnstoppable } from './unstoppable.js';
import { type Prepare, type Reader, valuesOf } from './values-of.js';

/** The run of a handler, whose result is to be sent. */
export interface ReplyRun extends Required<Reader> {
  readonly call: ServerCall;
  readonly codec: PacketCodec;
  readonly logger: ErrorLog;
  /** The handler has returned, and yields nothing more, whichever way. */
  ended(): void;
}

/**
 * Sends what a handler returned: a value, or the values of an Observable or an async iterable. Not by
 * Nest's own `Server.send`, which queues without bound what a call may not send yet.
 *
 * @returns resolves once a serializer of the user's has made what is to be sent; undefined without one
 */
export function reply(result: unknown, run: ReplyRun): Promise<void> | void {
  const { call, codec, logger } = run;
  const prepare = codec.serializes ? serializing(run) : undefined;
  const values = valuesOf(result, (error) => failedLate(error, logger), run, prepare);
  if (values) {
    replyAll(values, run);
    return;
  }
  if (prepare) {
    const prepared = prepare(result).then(
      (value) => replyOnly(value, call, logger),
      (error: unknown) => call.error(error),
    );
    run.runsOn(() => prepared);
    run.ended();
    return prepared;
  }
  run.ended();
  replyOnly(result, call, logger);
}

function replyOnly(value: unknown, call: ServerCall, logger: ErrorLog): void {
  const body = bodyOf(value, call, logger);
  if (body) call.last(body);
}

function replyAll(values: Observable<unknown>, run: ReplyRun): void {
  const { call, codec, logger } = run;
  // Nobody waits any more, and what is not subscribed to does not begin.
  if (!call.isWanted) {
    run.ended();
    return;
  }
  const replies = new Replies(call, logger);
  let hasYielded = false;
  const subscription = values.pipe(finalize(() => run.ended())).subscribe({
    next: (value) => {
      hasYielded = true;
      replies.next(value);
    },
    complete: () => replies.complete(),
    error: (err: unknown) => {
      if (!codec.serializes) {
        replies.error(err);
        return;
      }
      const written = serialized({ err }, run)
        .then((out) => replies.error(out instanceof Serialized ? out : out.err))
        .catch((error: unknown) => {
          logger.error('serializer', error);
          replies.error(INTERNAL_ERROR);
        });
      run.runsOn(() => written);
    },
  });
  const unsubscribe = () => {
    try {
      subscription.unsubscribe();
    } catch (error) {
      failedLate(error, logger);
    }
  };
  const stop = () => {
    // What has yielded has returned: from then on to unsubscribe ends it.
    const untilSettled = hasYielded ? undefined : findUnstoppable(values, subscription);
    if (!untilSettled) return unsubscribe();
    run.runsOn(() => {
      unsubscribe();
      return untilSettled();
    });
  };
  // In the handler's context, whoever abandons the call.
  call.whenAbandoned(new AsyncContext().bound(stop));
}

/** A handler's clean-up failed after its caller left: that harms nobody else, least of all the process. */
function failedLate(error: unknown, logger: ErrorLog): void {
  if (isError(error) && error.name === 'AbortError') {
    logger.debug('aborted', 'A handler was aborted, as its caller left.');
  } else {
    logger.error('clean-up', error);
  }
}

/** What the user's serializer makes of it, if that comes in time. */
function serialized(packet: WritePacket, { codec, call }: ReplyRun) {
  return inTime.settled(codec.outgoing(packet), 'serializer', () => call.isWanted);
}

/** What a serializer fails with is not the caller's to know, whichever of the values it is. */
function serializing(run: ReplyRun): Prepare {
  return async (response) => {
    try {
      const out = await serialized({ response }, run);
      return out instanceof Serialized ? out : out.response;
    } catch (error) {
      run.logger.error('serializer', error);
      throw INTERNAL_ERROR;
    }
  };
}
