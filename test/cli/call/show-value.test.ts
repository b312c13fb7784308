import { expect, test } from 'vitest';
import { isPlainText } from '../../../lib/core/plain-text.js';
import { showValue } from '../../../lib/cli/call/show-value.js';

const LINE = { isRaw: false, isPretty: false };

test('values are JSON, one on each line', () => {
  expect(showValue({ a: [1] }, LINE)).toBe('{"a":[1]}\n');
  expect(showValue('text', LINE)).toBe('"text"\n');
  expect(showValue(null, LINE)).toBe('null\n');
  expect(showValue(undefined, LINE)).toBe('');
  expect(showValue({ a: 1 }, { ...LINE, isPretty: true })).toBe('{\n  "a": 1\n}\n');
});

test('raw values are strings and bytes as they are', () => {
  const raw = { ...LINE, isRaw: true };
  expect(showValue('text', raw)).toBe('text\n');
  const bytes = Buffer.from([0, 1, 255]);
  expect(showValue(bytes, raw)).toBe(bytes);
  expect(showValue(bytes, LINE)).toBe('"AAH/"\n');
  expect(showValue({ a: 'text' }, raw)).toBe('{"a":"text"}\n');
});

test('a value that is nested more deeply than it can be written is a failure in words', () => {
  const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
  expect(() => showValue(deep, LINE)).toThrow(/nested too deeply to be printed$/);
});

test('a terminal obeys nothing of a value', () => {
  const evil = '\u001B]0;title\u0007\u009B31m\u202E\u061Ctext';
  const shown = showValue(evil, LINE);
  expect(isPlainText(String(shown).trimEnd())).toBe(true);
  expect(JSON.parse(String(shown))).toBe(evil);
});
