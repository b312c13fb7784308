import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clearStale } from '../../../lib/sockets/node/clear-stale.js';
import { nodeSockets } from '../../../lib/sockets/node/node-sockets.js';
import type { ServerSocket } from '../../../lib/sockets/socket-port.js';
import { serverListener } from '../../support/server-listener.js';

const OPTIONS = { heartbeatInterval: 5000, heartbeatTimeout: 15_000, maxMessageSize: 1_000_000 };

const DIES_LISTENING = `
  require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'));
`;

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'freelance-'));
  path = join(directory, 'server');
});

afterEach(() => rmSync(directory, { recursive: true }));

/** What a killed process leaves behind. */
function leaveStale(): void {
  spawnSync(process.execPath, ['-e', DIES_LISTENING, path]);
  expect(existsSync(path)).toBe(true);
}

test('the socket of a dead process is removed, and nothing is left behind', async () => {
  leaveStale();
  expect(await clearStale(path)).toBe(true);
  expect(readdirSync(directory)).toEqual([]);
});

test('a server that has bound the path since it was checked keeps it', async () => {
  const server = createServer((socket) => socket.on('error', () => {}).end('hello')).listen(path);
  await once(server, 'listening');
  expect(await clearStale(path)).toBe(false);
  expect(readdirSync(directory)).toEqual(['server']);
  const client = connect(path);
  expect(String((await once(client, 'data'))[0])).toBe('hello');
  server.close();
  client.destroy();
});

test('a path that another server has cleared and not bound yet is free', async () => {
  expect(await clearStale(path)).toBe(true);
});

test('of servers that start at one stale path at once, one gets it and can be reached', async () => {
  leaveStale();
  const binding = async (name: string): Promise<[string, ServerSocket]> => {
    const sockets = await nodeSockets(OPTIONS);
    const onMessage = serverListener({ onMessage: (peer) => peer.send([name]) });
    return [name, await sockets.bind([`ipc://${path}`], onMessage)];
  };
  const bound = (await Promise.allSettled(['a', 'b', 'c'].map(binding))).flatMap((result) => {
    if (result.status === 'fulfilled') return [result.value];
    expect(result.reason).toMatchObject({ code: 'EADDRINUSE' });
    return [];
  });
  expect(bound).toHaveLength(1);
  const sockets = await nodeSockets(OPTIONS);
  const answer = await new Promise<string>((resolve) => {
    const client = sockets.connect(`ipc://${path}`, {
      onReady: () => client.send(['who']),
      onMessage: ([name]) => {
        resolve(String(name));
        client.close();
      },
      onLost: resolve,
    });
  });
  expect(answer).toBe(bound[0]?.[0]);
  for (const [, server] of bound) await new Promise<void>((freed) => server.close(freed));
  expect(readdirSync(directory)).toEqual([]);
});
