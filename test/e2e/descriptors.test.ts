import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { Child } from '../support/child.js';
import { connectTo } from '../support/nest.js';

test.runIf(process.platform === 'linux')(
  'a server without free file descriptors refuses new connections, serves existing ones, and recovers',
  async () => {
    const program = fileURLToPath(new URL('../processes/dist/crowded-server.js', import.meta.url));
    const limited = 'ulimit -n 1024 && exec "$0" "$@"';
    await using child = new Child('sh', ['-c', limited, process.execPath, program, '20']);
    const endpoint = String(await child.nextLine());
    const port = Number(endpoint.split(':').at(-1));
    using established = connectTo([endpoint]);
    expect(await firstValueFrom(established.send('echo', 1))).toBe(1);
    const crowd: Socket[] = [];
    try {
      for (let n = 0; n < 60; n++) {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => {});
        crowd.push(socket);
        await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
      }
      // Some connections are ended at once, and do not keep the server busy.
      await Promise.any(crowd.map((socket) => once(socket.resume(), 'close')));
      for (let n = 0; n < 50; n++) {
        expect(await firstValueFrom(established.send('echo', n))).toBe(n);
      }
    } finally {
      for (const socket of crowd) socket.destroy();
    }
    using later = connectTo([endpoint], { connectTimeout: 60_000, reconnectInterval: 50 });
    expect(await firstValueFrom(later.send('echo', 'later'))).toBe('later');
  },
);
