import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { fileDiscovery } from '../../lib/discovery/file-endpoints.js';
import { DiscoveryBench } from '../support/discovery-bench.js';

const PATH = resolve('endpoints.json');
const A = 'tcp://10.0.0.1:5555';
const B = 'tcp://10.0.0.2:5555';

async function following(text?: string) {
  const bench = new DiscoveryBench();
  if (text !== undefined) bench.files.texts.set(PATH, text);
  const follower = await bench.follow(fileDiscovery('endpoints.json', bench.deps));
  return { bench, files: bench.files, follower };
}

test('its entries are the servers', async () => {
  const { follower } = await following(JSON.stringify([A, { endpoint: B, zone: 'b', weight: 2 }]));
  expect(follower.targets).toEqual([A, { endpoint: B, zone: 'b', weight: 2 }]);
});

test('it is read when it has changed, 100 ms after the last time at the earliest', async () => {
  const { bench, files, follower } = await following(`["${A}"]`);
  follower.news();
  for (let change = 0; change < 100; change++) files.write(PATH, `["${B}"]`);
  await bench.pass(99);
  expect(follower.news()).toEqual([]);
  await bench.pass(1);
  expect(follower.news()).toEqual([B]);
  expect(files.reads).toBe(2);
});

test('it is read every 2 s, in case a change was not noticed', async () => {
  const { bench, files, follower } = await following(`["${A}"]`);
  files.texts.set(PATH, `["${B}"]`);
  await bench.pass(2000);
  expect(follower.heard).toEqual([A, B]);
});

test('an empty list is a set; a byte order mark is none of its text', async () => {
  const { bench, files, follower } = await following('\uFEFF["tcp://10.0.0.1:5555"]\n');
  files.write(PATH, '[]');
  await bench.pass(100);
  expect(follower.heard).toEqual([A, '']);
});

describe('while there is nothing to use, the last set stays', () => {
  test('it is missing, and comes', async () => {
    const { bench, files, follower } = await following();
    expect(follower.news()).toEqual([
      `failed: ${PATH} cannot be read: ENOENT: no such file or directory`,
    ]);
    files.write(PATH, `["${A}"]`);
    await bench.pass(100);
    files.texts.delete(PATH);
    await bench.pass(2000);
    expect(follower.news()).toEqual([A, expect.stringContaining('cannot be read')]);
  });

  test.each([
    ['half of it', '["tcp://10.', 'is not JSON: '],
    ['nothing', '', 'is not JSON: '],
    ['an object', '{"endpoints": []}', 'must be a JSON array of addresses, or of objects like'],
    ['a text', '"tcp://10.0.0.1:5555"', 'but is "tcp://10.0.0.1:5555"'],
    ['null', 'null', 'but is null'],
  ])('it holds %s: after a second look', async (_what, text, why) => {
    const { bench, files, follower } = await following(`["${A}"]`);
    follower.news();
    files.write(PATH, text);
    await bench.pass(100);
    expect(follower.news()).toEqual([]);
    await bench.pass(200);
    expect(follower.news()).toEqual([expect.stringContaining(why)]);
    expect(follower.heard).toEqual([]);
  });

  test('it was half-written at the first look: nothing is said', async () => {
    const { bench, files, follower } = await following(`["${A}"]`);
    files.write(PATH, `["${A}", `);
    await bench.pass(100);
    files.write(PATH, `["${A}", "${B}"]`);
    await bench.pass(200);
    // The second change is looked at once more, as the reading was under way.
    expect(follower.news()).toEqual([A, `${A} ${B}`, `${A} ${B}`]);
  });
});

test('clients share what they follow, and end it together', async () => {
  const { bench, files, follower } = await following(`["${A}"]`);
  const url = pathToFileURL(PATH);
  const other = await bench.follow(fileDiscovery(url, bench.deps));
  expect(other.news()).toEqual([A]);
  expect(files.reads).toBe(1);
  expect(files.listeners.size).toBe(1);
  await follower.leave();
  await other.leave();
  expect(files.listeners.size).toBe(0);
  expect(bench.clock.timers).toBe(0);
});

test('who leaves during the second look ends it', async () => {
  const { bench, follower } = await following('[');
  await follower.leave();
  expect(bench.clock.timers).toBe(0);
  expect(follower.news()).toEqual(['ended']);
});

test('its name is its whole path', () => {
  const { deps } = new DiscoveryBench();
  expect(fileDiscovery(join('a', 'b.json'), deps).name).toBe(`file ${resolve('a', 'b.json')}`);
});

test.each([undefined, '', 5, 'a\0b', new URL('https://example.org/a.json')])(
  '%s is no file',
  (path) => {
    const { deps } = new DiscoveryBench();
    expect(() => fileDiscovery(path as string, deps)).toThrow(
      'fileEndpoints takes the path of a file, or its URL, but got ',
    );
  },
);
