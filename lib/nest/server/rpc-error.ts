import { RpcException } from '@nestjs/microservices';
import { INTERNAL_ERROR } from './nest-words.js';
import type { ErrorLog } from '../bounded-log.js';

/** What a caller gets of what a handler throws, as Nest's exception filter has it: anything but an `RpcException` goes to the log alone. */
export function shownToCaller(error: unknown, logger: ErrorLog): unknown {
  if (!(error instanceof RpcException)) {
    logger.error('handler', error);
    return INTERNAL_ERROR;
  }
  const told = error.getError();
  return typeof told === 'object' && told !== null ? told : { status: 'error', message: told };
}
