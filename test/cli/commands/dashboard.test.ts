import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { runCli } from '../../../lib/cli/run.js';
import { StreamReader } from '../../dashboard/sse.js';
import { FakeIo, runLine } from '../../support/cli-io.js';
import { eventually } from '../../support/eventually.js';

/** Nobody listens there. */
const NOBODY = 'tcp://127.0.0.1:9';

test('prints the address of the page, serves it, and ends with Ctrl-C', async () => {
  const io = new FakeIo();
  const run = runCli(['dashboard', '--endpoints', NOBODY], io);
  await eventually(() => expect(io.written).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\n$/));
  const url = io.written.trim();
  expect(await (await fetch(url)).text()).toContain('<!doctype html>');
  await using reader = await StreamReader.open(`${url}events`);
  expect((await reader.take(2))[1]).toMatchObject({ data: { servers: [{ endpoint: NOBODY }] } });
  io.interrupt('SIGINT');
  await run;
  expect(io.exitCode).toBe(130);
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test('prints the address as JSON, for programs', async () => {
  const io = new FakeIo({ env: { FREELANCE_ENDPOINTS: NOBODY } });
  const run = runCli(['dashboard', '--json'], io);
  await eventually(() => expect(io.written).not.toBe(''));
  expect(JSON.parse(io.written)).toEqual({ url: expect.stringMatching(/^http:/) });
  io.interrupt('SIGTERM');
  await run;
  expect(io.exitCode).toBe(143);
});

test('a port that is taken: says what to do', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const io = await runLine(['dashboard', '-e', NOBODY, '--port', String(port)]);
  expect(io.exitCode).toBe(1);
  expect(io.complained).toContain(
    `Port ${port} of 127.0.0.1 is taken: choose another with --port, or leave it out for a free one.`,
  );
  taken.close();
});

test('without endpoints, or with a port that there is not, it is wrong usage', async () => {
  expect((await runLine(['dashboard'])).exitCode).toBe(2);
  const io = await runLine(['dashboard', '-e', NOBODY, '--port', '70000']);
  expect(io.exitCode).toBe(2);
  expect(io.complained).toContain('at most 65535');
});
