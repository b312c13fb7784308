import type { Observer } from 'rxjs';
import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { BodyReader } from './echo/body-reader.js';
import { BodyWriter } from './echo/body-writer.js';
import { only, type Client } from './subject.js';

/**
 * The baseline for JSON over TCP in Node: a socket at each end, and bodies with a length in front. Both ends encode and
 * parse them, like any transport; answers come in the order of the calls, handlers have no names, and nothing is monitored.
 */
const HOST = '127.0.0.1';

export async function serve(): Promise<string> {
  const server = createServer({ noDelay: true }, (socket) => {
    const writer = new BodyWriter(socket);
    const reader = new BodyReader((body) => writer.write(body));
    socket.on('data', (chunk) => reader.read(chunk));
    // A client that is gone needs no answer.
    socket.on('error', () => socket.destroy());
  });
  await once(server.listen(0, HOST), 'listening');
  return String((server.address() as AddressInfo).port);
}

export async function connect(servers: readonly string[]): Promise<Client> {
  const socket = createConnection({ host: HOST, port: Number(only(servers)), noDelay: true });
  await once(socket, 'connect');
  const calls: Observer<unknown>[] = [];
  const writer = new BodyWriter(socket);
  const reader = new BodyReader((body) => {
    const call = calls.shift();
    if (!call) throw new Error('an answer without a call');
    call.next(body);
    call.complete();
  });
  socket.on('data', (chunk) => reader.read(chunk));
  return {
    call(_pattern, data, observer) {
      calls.push(observer);
      writer.write(data);
    },
  };
}
