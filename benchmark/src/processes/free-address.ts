import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

const HOST = '127.0.0.1';

/** Where nobody listens, for those that cannot tell which port they were given. */
export async function freeAddress(): Promise<string> {
  const holder = createServer().listen(0, HOST);
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  await once(holder.close(), 'close');
  return `${HOST}:${port}`;
}
