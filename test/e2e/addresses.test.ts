import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { connectTo, serve } from '../support/nest.js';
import { freePort } from '../support/ports.js';

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(data: unknown) {
    return data;
  }
}

const LONGEST = process.platform === 'linux' ? 107 : 103;

test('a socket path of the maximum length works, and a longer one is rejected', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'freelance-'));
  const path = join(folder, 'x'.repeat(LONGEST - folder.length - 1));
  expect(Buffer.byteLength(path)).toBe(LONGEST);
  try {
    await using server = await serve([EchoController], { bind: `ipc://${path}` });
    using client = connectTo(server.endpoints);
    expect(await firstValueFrom(client.send('echo', 1))).toBe(1);
    expect(() => client.addEndpoint(`ipc://${path}x`)).toThrow('its path has');
    await expect(serve([EchoController], { bind: `ipc://${path}x` })).rejects.toThrow(
      'its path has',
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('every address that resolves to this machine reaches the server', async () => {
  const port = await freePort();
  await using server = await serve([EchoController], { bind: `tcp://127.0.0.1:${port}` });
  expect(server.endpoints).toEqual([`tcp://127.0.0.1:${port}`]);
  for (const host of ['127.1', 'localhost', 'LOCALHOST']) {
    using client = connectTo([`tcp://${host}:${port}`]);
    expect(await firstValueFrom(client.send('echo', host))).toBe(host);
  }
});

test('a file that is not a socket is not used as an address and stays unchanged', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'freelance-'));
  const path = join(directory, 'precious');
  await writeFile(path, 'mine');
  try {
    await expect(serve([EchoController], { bind: `ipc://${path}` })).rejects.toMatchObject({
      code: 'ENOTSOCK',
    });
    expect(await readFile(path, 'utf8')).toBe('mine');
  } finally {
    await rm(directory, { recursive: true });
  }
});

// libzmq takes over the path of another server, and clients that connect afterwards reach only the new one.
test('the path of a listening server is in use, and the path of a dead process is not', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'freelance-'));
  const path = join(directory, 'socket');
  const bind = `ipc://${path}`;
  try {
    using client = connectTo([bind]);
    {
      await using server = await serve([EchoController], { bind });
      expect(server.endpoints).toEqual([bind]);
      await expect(serve([EchoController], { bind })).rejects.toMatchObject({
        code: 'EADDRINUSE',
        address: bind,
      });
      expect(await firstValueFrom(client.send('echo', 1))).toBe(1);
    }
    // A killed process leaves its socket file behind.
    await rm(path, { force: true });
    const { status } = spawnSync(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ]);
    expect(status).toBeNull();
    expect(existsSync(path)).toBe(true);
    await using later = await serve([EchoController], { bind });
    expect(later.endpoints).toEqual([bind]);
    expect(await firstValueFrom(client.send('echo', 2))).toBe(2);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
