import { randomBytes } from 'node:crypto';
import {
  type FreelanceClientOptions,
  resolveClientOptions,
} from '../nest/options/client-options.js';
import { ClientCredentials } from '../security/client-credentials.js';
import { type FreelanceEngine, socketsOf } from '../sockets/engine.js';
import type { SocketPort } from '../sockets/socket-port.js';
import { inWordsOfFlags } from './words-of-flags.js';

/**
 * The sockets of a client with these options, without the client. The engine is loaded already: the first connection does not
 * wait for it.
 *
 * @throws UsageError if an option is wrong, in the words of the flags
 */
export async function openSockets(options: FreelanceClientOptions): Promise<SocketPort> {
  const { engine, security, agent } = inWordsOfFlags(() => resolveClientOptions(options));
  // Whatever fails there fails again at the connection, which says why.
  await load(engine).catch(() => {});
  const { heartbeat, maxMessageSize } = agent;
  return socketsOf(engine, {
    credentials: security && new ClientCredentials(security, randomBytes),
    heartbeatInterval: heartbeat.interval,
    heartbeatTimeout: heartbeat.timeout,
    maxMessageSize,
  });
}

function load(engine: FreelanceEngine): Promise<unknown> {
  return engine === 'node'
    ? import('../sockets/node/node-sockets.js')
    : import('../sockets/zeromq/zeromq-sockets.js');
}
