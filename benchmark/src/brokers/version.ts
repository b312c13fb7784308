import { spawnSync } from 'node:child_process';
import { BROKER_ENV, type BrokerName, BROKERS } from './registry.js';

/** What a broker says of its version; `undefined` if it is not installed. */
export function versionOf(broker: BrokerName): string | undefined {
  const { stdout, status } = spawnSync(BROKERS[broker].command, ['--version'], {
    encoding: 'utf8',
    env: BROKER_ENV,
  });
  return status === 0 ? /\d+\.\d+\.\d+/.exec(stdout)?.[0] : undefined;
}
