import { plainText } from '../../core/plain-text.js';
import { NAMED_IN_HELLO } from '../../protocol/at-most-once.js';
import type { BoundedLog } from '../bounded-log.js';
import type { FreelanceServerSecurity } from '../options/server-security.js';
import { describeExposure } from './exposure.js';

type Mechanism = FreelanceServerSecurity['mechanism'] | undefined;

const TOO_MANY_NAMES =
  'More handlers run at most once than clients can be told by name ' +
  `(${NAMED_IN_HELLO.names} patterns of ${NAMED_IN_HELLO.characters} characters in all). So all patterns of this server ` +
  'count as such: no call that may have run is sent again. Move those handlers into a server of their own.';

/** What a server logs when it has begun to listen: where, and what its operator should know about that. */
export class ListeningLog {
  readonly #log: Pick<BoundedLog, 'log' | 'warn'>;
  readonly #serverId: string;
  readonly #mechanism: Mechanism;
  #hasWarned = false;

  constructor(log: Pick<BoundedLog, 'log' | 'warn'>, serverId: string, mechanism: Mechanism) {
    this.#log = log;
    this.#serverId = serverId;
    this.#mechanism = mechanism;
  }

  /** @param atMostOnce the names that clients are told; `true` where they are too many */
  listens(endpoints: readonly string[], atMostOnce: readonly string[] | boolean): void {
    const where = endpoints.join(', ');
    const security = this.#mechanism ?? 'none';
    this.#log.log(
      'listening',
      `Listens at ${where} as ${plainText(this.#serverId)} (security: ${security})`,
    );
    this.#warnIfExposed(endpoints);
    if (atMostOnce === true) this.#log.warn('at most once', TOO_MANY_NAMES);
  }

  /** Once, however often the server listens again. */
  #warnIfExposed(endpoints: readonly string[]): void {
    const warning = this.#hasWarned ? undefined : describeExposure(endpoints, this.#mechanism);
    if (warning === undefined) return;
    this.#hasWarned = true;
    this.#log.warn('exposed', warning);
  }
}
