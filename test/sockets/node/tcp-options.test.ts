import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { connectTo, serve } from '../../support/nest.js';

interface TcpHandle {
  setNoDelay(isOn: boolean): number;
  setKeepAlive(isOn: boolean, initialDelaySeconds: number): number;
}

/** Node has no public way to read a socket's options: only its handle is told of them. */
async function tcpHandle(): Promise<TcpHandle> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const { _handle: handle } = socket as Socket & { readonly _handle: TcpHandle };
  const prototype = Object.getPrototypeOf(handle) as TcpHandle;
  socket.destroy();
  server.close();
  return prototype;
}

test('both ends of a connection send at once, and notice a peer that vanished without a word', async () => {
  const handle = await tcpHandle();
  const noDelay = vi.spyOn(handle, 'setNoDelay');
  const keepAlive = vi.spyOn(handle, 'setKeepAlive');
  try {
    await using server = await serve([], { engine: 'node' });
    using client = connectTo(server.endpoints, { engine: 'node' });
    await client.connect();
    await eventually(() => expect(server.strategy.unwrap<Set<Socket>>().size).toBe(1));
    expect(noDelay.mock.calls).toEqual([[true], [true]]);
    // Node 26 passes two more, undefined.
    expect(keepAlive.mock.calls.map((options) => options.slice(0, 2))).toEqual([
      [true, 30],
      [true, 30],
    ]);
  } finally {
    noDelay.mockRestore();
    keepAlive.mockRestore();
  }
});
