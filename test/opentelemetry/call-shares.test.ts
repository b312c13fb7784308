import { expect, test } from 'vitest';
import { CallShares } from '../../lib/opentelemetry/call-shares.js';

const level = (priority: number, share: number, localShare = 1) => ({
  priority,
  share,
  localShare,
});

function shownOf(shares: CallShares): string[] {
  return [...shares.parts()].map(([share, attributes]) => {
    const { 'freelance.priority': priority, 'freelance.zone': zone = 'any' } = attributes;
    return `${String(priority)} ${String(zone)} ${share.toFixed(3)}`;
  });
}

test('clients of one name share their calls as they do on average, of those that have a choice', () => {
  const shares = new CallShares();
  shares.add({ zone: 'a', priorities: [level(0, 1, 0.5)] });
  shares.add({ zone: 'a', priorities: [level(0, 0.5, 0), level(1, 0.5)] });
  shares.add({ zone: 'a', priorities: [] });
  // Of an older version.
  shares.add({});
  expect(shownOf(shares)).toEqual([
    '0 local 0.250',
    '0 remote 0.500',
    '1 local 0.250',
    '1 remote 0.000',
  ]);
});

test('a client without a zone has none, and further priorities are one', () => {
  const shares = new CallShares();
  shares.add({ priorities: Array.from({ length: 1000 }, (_, n) => level(n, 0.001)) });
  const shown = shownOf(shares);
  expect(shown).toHaveLength(11);
  expect([shown[0], shown[10]]).toEqual(['0 any 0.001', '_OTHER any 0.990']);
  expect(shownOf(new CallShares())).toEqual([]);
});
