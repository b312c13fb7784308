import type { WritePacket } from '@nestjs/microservices';
import { finalize, type Observable } from 'rxjs';
import { AsyncContext } from '../../async-context.js';
import type { ServerCall } from '../../agents/server/server-call.js';
import { isError } from '../../is-error.js';
import { Serialized } from '../../protocol/body.js';
import { INTERNAL_ERROR } from './nest-words.js';
import { bodyOf, ValueCoalescer } from './value-coalescer.js';
import type { ErrorLog } from '../bounded-log.js';
import type { TimedCodec } from './timed-codec.js';
import { findUnstoppable } from './unstoppable.js';
import { type Prepare, type Reader, valuesOf } from './values-of.js';

/** What sending a result needs of the run of its handler. */
export interface SendResultDeps extends Required<Reader> {
  readonly call: ServerCall;
  readonly codec: TimedCodec;
  readonly logger: ErrorLog;
  /** The handler has returned and yields nothing more: it completed, failed, or was unsubscribed. */
  ended(): void;
}

/**
 * Sends what a handler returned: a value, or the values of an Observable or an async iterable. Nest's own `Server.send`
 * would queue, without a bound, what a call may not send yet.
 *
 * @returns resolves once the user's serializer has written a single value; undefined otherwise
 */
export function sendResult(result: unknown, run: SendResultDeps): Promise<void> | void {
  const { call, codec, logger } = run;
  const prepare = codec.serializes ? serializing(run) : undefined;
  const values = valuesOf(result, (error) => failedLate(error, logger), run, prepare);
  if (values) {
    sendValues(values, run);
    return;
  }
  if (prepare) {
    const prepared = prepare(result).then(
      (value) => sendValue(value, call, logger),
      (error: unknown) => call.error(error, 'INTERNAL'),
    );
    run.runsOn(() => prepared);
    run.ended();
    return prepared;
  }
  run.ended();
  sendValue(result, call, logger);
}

function sendValue(value: unknown, call: ServerCall, logger: ErrorLog): void {
  const body = bodyOf(value, call, logger);
  if (body) call.last(body);
}

function sendValues(values: Observable<unknown>, run: SendResultDeps): void {
  const { call, codec, logger } = run;
  // The caller has left: the Observable is not even started.
  if (!call.isWanted) {
    run.ended();
    return;
  }
  const sender = new ValueCoalescer(call, logger);
  let hasYielded = false;
  const subscription = values.pipe(finalize(() => run.ended())).subscribe({
    next: (value) => {
      hasYielded = true;
      sender.next(value);
    },
    complete: () => sender.complete(),
    error: (err: unknown) => {
      if (!codec.serializes) {
        sender.error(err, 'HANDLER');
        return;
      }
      const written = serialized({ err }, run)
        .then((out) => {
          const kind = err === NOT_SERIALIZED ? 'INTERNAL' : 'HANDLER';
          sender.error(out instanceof Serialized ? out : out.err, kind);
        })
        .catch((error: unknown) => {
          logger.error('serializer', error);
          sender.error(INTERNAL_ERROR, 'INTERNAL');
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
    // A handler that has yielded has returned: unsubscribing ends it.
    const untilSettled = hasYielded ? undefined : findUnstoppable(values, subscription);
    if (!untilSettled) return unsubscribe();
    run.runsOn(() => {
      unsubscribe();
      return untilSettled();
    });
  };
  // In the handler's async context, not in that of whatever abandons the call.
  call.whenAbandoned(new AsyncContext().bound(stop));
}

/** A handler's clean-up failed after its caller had left: nobody is told but the log. */
function failedLate(error: unknown, logger: ErrorLog): void {
  if (isError(error) && error.name === 'AbortError') {
    logger.debug('aborted', 'A handler was aborted because its caller left.');
  } else {
    logger.error('clean-up', error);
  }
}

/** The packet as the user's serializer writes it, unless that takes too long. */
function serialized(packet: WritePacket, { codec, call }: SendResultDeps) {
  return codec.outgoing(packet, () => call.isWanted);
}

/** Serializes each value. The error of a serializer goes to the log; the caller gets an internal error. */
function serializing(run: SendResultDeps): Prepare {
  return async (response) => {
    try {
      const out = await serialized({ response }, run);
      return out instanceof Serialized ? out : out.response;
    } catch (error) {
      run.logger.error('serializer', error);
      throw NOT_SERIALIZED;
    }
  };
}

/** What the caller gets. Another object than `INTERNAL_ERROR`: a handler's own error may be shown as that. */
const NOT_SERIALIZED = { ...INTERNAL_ERROR };
