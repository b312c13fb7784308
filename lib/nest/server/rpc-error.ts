import { RpcException } from '@nestjs/microservices';
import { INTERNAL_ERROR } from './nest-words.js';
import type { ErrorLog } from './replies.js';

/** What a caller is told of what a handler throws, as by Nest's own filter of exceptions: the rest is for the log alone. */
export function shownToCaller(error: unknown, logger: ErrorLog): unknown {
  if (!(error instanceof RpcException)) {
    logger.error('handler', error);
    return INTERNAL_ERROR;
  }
  const told = error.getError();
  return typeof told === 'object' && told !== null ? told : { status: 'error', message: told };
}
