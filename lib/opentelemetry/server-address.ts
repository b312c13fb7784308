import type { Attributes } from '@opentelemetry/api';
import { Memo } from '../protocol/memo.js';
import { hostOf } from '../sockets/address.js';
import { SERVER_ADDRESS, SERVER_PORT } from './conventions.js';

const KNOWN = new Memo<Attributes>();

/**
 * A client's address of a server as `server.address` and `server.port`. The result is shared and must not be changed.
 *
 * | address | `server.address` | `server.port` |
 * |---|---|---|
 * | `tcp://10.0.0.1:5555`, `tls://…` | `10.0.0.1` | 5555 |
 * | `tcp://[::1]:5555` | `::1` | 5555 |
 * | `ipc:///run/math` | `/run/math` | |
 * | `inproc://math` | `math` | |
 */
export function serverAddress(endpoint: string): Attributes {
  const known = KNOWN.get(endpoint);
  if (known) return known;
  const made = read(endpoint);
  KNOWN.set(endpoint, made);
  return made;
}

function read(endpoint: string): Attributes {
  const port = /^(?:tcp|tls):.*:(?<port>\d+)$/u.exec(endpoint)?.groups?.port;
  return port === undefined
    ? { [SERVER_ADDRESS]: endpoint.replace(/^\w+:\/\//u, '') }
    : { [SERVER_ADDRESS]: hostOf(endpoint), [SERVER_PORT]: Number(port) };
}
