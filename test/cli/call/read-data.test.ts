import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readData } from '../../../lib/cli/call/read-data.js';
import { readPattern } from '../../../lib/cli/call/read-pattern.js';
import { FakeIo } from '../../support/cli-io.js';

const MIB = 1024 * 1024;

function fileOf(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'freelance-data-')), 'data.json');
  writeFileSync(path, content);
  return path;
}

const io = (stdin = '') => new FakeIo({ stdin });

describe('the data of a call', () => {
  test('is JSON', async () => {
    expect(await readData('[1, {"a": "ä"}]', 'json', io())).toEqual([1, { a: 'ä' }]);
    expect(await readData('"text"', 'json', io())).toBe('text');
  });

  test('is an empty object if there is none', async () => {
    expect(await readData(undefined, 'json', io())).toEqual({});
  });

  test.each(['-', '@-'])('comes from standard input: %s', async (given) => {
    expect(await readData(given, 'json', io('{"a":1}\n'))).toEqual({ a: 1 });
  });

  test('comes from a file', async () => {
    expect(await readData(`@${fileOf('{"a":1}\n')}`, 'json', io())).toEqual({ a: 1 });
    expect(await readData(`@${fileOf('line\n')}`, 'text', io())).toBe('line\n');
    expect(await readData(`@${fileOf('line\n')}`, 'bytes', io())).toEqual(Buffer.from('line\n'));
  });

  test('is text as it is, if that is asked for', async () => {
    expect(await readData('{a}', 'text', io())).toBe('{a}');
  });

  test('says where it stops being JSON, and what to do', async () => {
    await expect(readData('{"a": 1,\n b: 2}', 'json', io())).rejects.toThrow(
      'the data is not JSON: line 2, column 2: expected a name in double quotes\n' +
        '   b: 2}\n' +
        '   ^\n' +
        'For text that is no JSON, add --text.',
    );
    const long = `{"a":"${'x'.repeat(500)}",b}`;
    await expect(readData(long, 'json', io())).rejects.toThrow(
      `column 509: expected a name in double quotes\n  ${'x'.repeat(38)}",b}\n${' '.repeat(42)}^\n`,
    );
    await expect(readData('', 'json', io())).rejects.toThrow('the data is empty');
    await expect(readData('-', 'json', io('{'))).rejects.toThrow(
      'what came by standard input is not JSON',
    );
  });

  test('is not null, and not in a file that is not there', async () => {
    await expect(readData('null', 'json', io())).rejects.toThrow('null cannot be sent');
    await expect(readData('@/nowhere', 'json', io())).rejects.toThrow(/cannot be read: ENOENT/);
  });

  test.each(['-', '@/dev/zero'])('that has no end is not read on for ever: %s', async (given) => {
    let read = 0;
    const endless = Readable.from(
      (function* () {
        for (; ; read += MIB) yield Buffer.alloc(MIB);
      })(),
    );
    const { err, interrupted } = io();
    const data = readData(given, 'bytes', { stdin: endless, err, interrupted });
    await expect(data).rejects.toThrow(/(standard input|the file .*) has more than 64 MiB/);
    expect(read).toBeLessThan(80 * MIB);
  });
});

test('a pattern is text, or an object as JSON', () => {
  expect(readPattern('sum')).toBe('sum');
  expect(readPattern('{"cmd":"sum"}')).toEqual({ cmd: 'sum' });
  expect(() => readPattern('{cmd:sum}')).toThrow('line 1, column 2: expected a name');
  expect(() => readPattern('')).toThrow('the pattern is empty');
});
