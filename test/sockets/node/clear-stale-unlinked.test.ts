import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { clearStale } from '../../../lib/sockets/node/clear-stale.js';

vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  linkSync: () => {
    throw Object.assign(new Error('operation not permitted'), { code: 'EPERM' });
  },
}));

test('a server keeps its path on a file system without hard links, too', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'freelance-'));
  const path = join(directory, 'server');
  const server = createServer((socket) => socket.on('error', () => {}).end()).listen(path);
  await once(server, 'listening');
  expect(await clearStale(path)).toBe(false);
  expect(readdirSync(directory)).toEqual(['server']);
  server.close();
  rmSync(directory, { recursive: true });
});
