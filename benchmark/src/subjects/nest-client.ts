import { Logger } from '@nestjs/common';
import type { ClientProxy } from '@nestjs/microservices';
import { LOG_LEVELS } from './log-levels.js';
import type { Client } from './subject.js';

/** A connected Nest client, called as in any application. */
export async function nestClient(proxy: ClientProxy): Promise<Client> {
  Logger.overrideLogger(LOG_LEVELS);
  await proxy.connect();
  return {
    call: (pattern, data, observer) => void proxy.send(pattern, data).subscribe(observer),
    emit: (pattern, data, failed) => void proxy.emit(pattern, data).subscribe({ error: failed }),
  };
}
