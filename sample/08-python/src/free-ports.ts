import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** Ports where nobody listens. They are fixed, because a server comes back to its old one. */
export async function freePorts(count: number): Promise<number[]> {
  const holders = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(holders.map((holder) => once(holder, 'listening')));
  const ports = holders.map((holder) => (holder.address() as AddressInfo).port);
  // All are held until the last is found: no port is found twice.
  await Promise.all(holders.map((holder) => once(holder.close(), 'close')));
  return ports;
}
