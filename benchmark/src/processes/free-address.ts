import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

const HOST = '127.0.0.1';

/** An unused address, for servers that cannot report which port they got. */
export async function freeAddress(): Promise<string> {
  const holder = createServer().listen(0, HOST);
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  await once(holder.close(), 'close');
  return `${HOST}:${port}`;
}
