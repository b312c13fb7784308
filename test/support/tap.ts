import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** Records the traffic between a client and that server. */
export async function tapped(endpoint: string) {
  let wire = '';
  const server = createServer((from) => {
    const to = connect(Number(endpoint.split(':').at(-1)), '127.0.0.1');
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      one.on('data', (bytes) => {
        wire += bytes.toString('latin1');
        other.write(bytes);
      });
      one.on('close', () => other.destroy());
      one.on('error', () => other.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `tcp://127.0.0.1:${port}`,
    wire: () => wire,
    [Symbol.dispose]: () => server.close(),
  };
}
