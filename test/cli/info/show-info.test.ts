import { describe, expect, test } from 'vitest';
import { isPlainText } from '../../../lib/core/plain-text.js';
import { coloursOf } from '../../../lib/cli/colours.js';
import { readInfo } from '../../../lib/cli/info/read-info.js';
import { showInfo, shownTime } from '../../../lib/cli/info/show-info.js';

const INFO = {
  id: 'math-1',
  library: { name: 'nestjs-freelance', version: '0.1.0' },
  nest: '12.5.1',
  node: '20.19.0',
  engine: 'node',
  pid: 17,
  startedAt: 1_700_000_000_000,
  uptimeMs: 7_500_000,
  endpoints: ['tcp://127.0.0.1:5555'],
  state: 'ready',
  mechanism: 'null',
  patterns: [
    { pattern: 'charge', kind: 'call', atMostOnce: true, description: 'Charges a card' },
    { pattern: '{"cmd":"sum"}', kind: 'call', atMostOnce: false },
    { pattern: 'sold', kind: 'event', atMostOnce: false },
  ],
  limits: { maxConcurrency: 128, maxQueueWait: null },
};

function shown(answer: unknown, width?: number): string {
  const info = readInfo(answer);
  if (!info) throw new Error('it is no info');
  return showInfo('tcp://127.0.0.1:5555', info, { colours: coloursOf(false, {}), width });
}

describe('what a server offers', () => {
  test('is shown as its facts and a table of its patterns', () => {
    expect(shown(INFO)).toBe(
      [
        'tcp://127.0.0.1:5555  math-1  ready',
        '  nestjs-freelance 0.1.0, Nest 12.5.1, Node 20.19.0, engine node, pid 17, mechanism null, up for 2 h 5 min',
        '  listens at tcp://127.0.0.1:5555',
        '  maxConcurrency 128, maxQueueWait none',
        '',
        'PATTERN        KIND   AT MOST ONCE  DESCRIPTION',
        'charge         call   yes           Charges a card',
        '{"cmd":"sum"}  call',
        'sold           event',
        '',
      ].join('\n'),
    );
  });

  test('has its service, zone and weight, where it tells them', () => {
    const placed = shown({ ...INFO, service: 'orders', zone: 'eu-1a', weight: 2 });
    expect(placed).toContain('mechanism null, service orders, zone eu-1a, weight 2, up for');
  });

  test('has its limits on several lines', () => {
    const limits = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`limit${at}`, 10_000]));
    const lines = shown({ ...INFO, limits }).split('\n');
    const first = lines.findIndex((line) => line.startsWith('  limit0 10000, limit1 10000,'));
    expect(lines[first + 1]).toBe('  limit5 10000, limit6 10000, limit7 10000, limit8 10000');
  });

  test('fits the terminal, and says what is left out', () => {
    const lines = shown({ ...INFO, morePatterns: 12 }, 40).split('\n');
    expect(lines).toContain('charge         call   yes           Cha…');
    expect(lines).toContain('… and 12 more');
  });

  test('is shown as far as another version tells it', () => {
    expect(shown({ patterns: [{ pattern: 'a' }] })).toContain('\nPATTERN');
    expect(shown({ id: 'x', state: 'ready', patterns: [] })).toContain('It has no handlers.');
  });

  test('cannot make a terminal do anything', () => {
    const evil = { pattern: '\u001B[2Ja', kind: 'call', description: 'a\nb\u009B' };
    const lines = shown({ ...INFO, id: 'x\u0007', patterns: [evil] }).split('\n');
    expect(lines.filter((line) => !isPlainText(line))).toEqual([]);
  });

  test.each([undefined, null, 'text', [], { patterns: 1 }])('is not %j', (answer) => {
    expect(readInfo(answer)).toBeUndefined();
  });
});

test.each([
  [12, '12 ms'],
  [59_000, '59 s'],
  [3_600_000, '1 h'],
  [90_061_000, '1 d 1 h'],
])('%i ms are shown as %s', (ms, text) => {
  expect(shownTime(ms)).toBe(text);
});
