import type { BoundedLog } from '../bounded-log.js';
import { Listeners } from '../listeners.js';

/** The events of a server, for `server.on`. */
export type FreelanceServerEvents = {
  /** The server listens at these addresses, free ports filled in. */
  listening: (endpoints: readonly string[]) => void;
  /** The server has closed. */
  close: () => void;
  /** A socket can no longer receive. It is logged as well, listener or not. */
  error: (error: unknown) => void;
};

export function serverListeners(log: Pick<BoundedLog, 'error'>): Listeners<FreelanceServerEvents> {
  return new Listeners<FreelanceServerEvents>({
    owner: 'FreelanceTransportServer',
    events: ['listening', 'close', 'error'],
    failed: (error) => log.error('listener', error),
  });
}
