import { Logger } from '@nestjs/common';
import type { Clock } from '../../agents/clock.js';
import { BoundedLog } from '../bounded-log.js';

/** A server that keeps coming and going is logged 4 times in a row, then once a minute. */
const LIMITS = { burst: 4, interval: 60_000, maxKinds: 1024 };

/** The log of a client, under the name of its class. */
export function clientLog(name: string, clock: Pick<Clock, 'now'>): BoundedLog {
  const logger = new Logger(name);
  return new BoundedLog(
    () => logger,
    LIMITS,
    () => clock.now(),
  );
}
