import type { LoggerService } from '@nestjs/common';
import type { WritePacket } from '@nestjs/microservices';
import { finalize, takeWhile } from 'rxjs';
import type { ServerCall } from '../../agents/server/server-call.js';
import { Serialized } from '../../protocol/body.js';
import type { PacketCodec } from '../packet-codec.js';
import { INTERNAL_ERROR } from './nest-words.js';
import { Replies } from './replies.js';
import { type Prepare, valuesOf } from './values-of.js';

interface ReplyTools {
  readonly codec: PacketCodec;
  readonly logger: Pick<LoggerService, 'error'>;
  /** The handler has ended, whichever way. */
  readonly ended: () => void;
}

/**
 * Sends what a handler returned: a value, or the values of an Observable or an async iterable. Not by
 * Nest's own `Server.send`, which queues without bound what a call may not send yet.
 */
export async function reply(
  call: ServerCall,
  result: unknown,
  { codec, logger, ended }: ReplyTools,
): Promise<void> {
  const replies = new Replies(call, (error) => logger.error(error));
  const prepare = codec.serializes ? serializing(codec) : undefined;
  const values = valuesOf(result, call, prepare);
  if (!values) {
    ended();
    replies.only(prepare ? await prepare(result) : result);
    return;
  }
  const subscription = values
    // Also a source that yields without a pause, and can be stopped only between two values.
    .pipe(
      takeWhile(() => call.isWanted),
      finalize(ended),
    )
    .subscribe({
      next: (value) => replies.next(value),
      complete: () => replies.complete(),
      error: (err: unknown) => {
        if (!codec.serializes) {
          replies.error(err);
          return;
        }
        codec
          .outgoing<WritePacket>({ err })
          .then((out) => replies.error(out instanceof Serialized ? out : out.err))
          .catch((error: unknown) => {
            logger.error(error);
            replies.error(INTERNAL_ERROR);
          });
      },
    });
  call.whenAbandoned(() => {
    try {
      subscription.unsubscribe();
    } catch (error) {
      logger.error(error);
    }
  });
}

function serializing(codec: PacketCodec): Prepare {
  return async (response) => {
    const out = await codec.outgoing<WritePacket>({ response });
    return out instanceof Serialized ? out : out.response;
  };
}
