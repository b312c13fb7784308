import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SocketPort } from '../../../lib/sockets/socket-port.js';
import { freeEndpoint } from '../../support/ports.js';
import type { Place } from './harness.js';
import { realPlace } from './real-place.js';

export async function overTcp(sockets: SocketPort): Promise<Place> {
  return realPlace(sockets, {
    newAddress: () => 'tcp://127.0.0.1:*',
    newEndpoint: freeEndpoint,
  });
}

export async function overIpc(sockets: SocketPort): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'freelance-'));
  let paths = 0;
  const newAddress = () => `ipc://${join(folder, String(paths++))}`;
  return realPlace(sockets, { newAddress, newEndpoint: async () => newAddress() }, () =>
    rm(folder, { recursive: true }),
  );
}

export async function overInproc(sockets: SocketPort): Promise<Place> {
  const newAddress = () => `inproc://${randomUUID()}`;
  return realPlace(sockets, { newAddress, newEndpoint: async () => newAddress() });
}
