import type { Attributes } from '@opentelemetry/api';
import { Memo } from '../protocol/memo.js';
import { tcpAddressOf } from '../tcp-address.js';
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
  const address = tcpAddressOf(endpoint);
  return address
    ? { [SERVER_ADDRESS]: address.host, [SERVER_PORT]: address.port }
    : { [SERVER_ADDRESS]: endpoint.replace(/^\w+:\/\//u, '') };
}
