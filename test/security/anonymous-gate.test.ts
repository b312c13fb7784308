import { expect, test } from 'vitest';
import { AnonymousGate } from '../../lib/security/anonymous-gate.js';

function numbered(number: number): Buffer {
  const id = Buffer.alloc(5);
  id.writeUInt32BE(number >>> 0, 1);
  return id;
}

test.each([0, 1000, 2 ** 31 - 5, 2 ** 32 - 5])(
  'after a revocation no older connection is heard, in whatever order they speak: from %i',
  (first) => {
    const gate = new AnonymousGate();
    for (const later of [3, 9, 2, 7]) expect(gate.hears(numbered(first + later))).toBe(true);
    gate.close();
    for (const older of [0, 2, 8, 9]) expect(gate.hears(numbered(first + older))).toBe(false);
    for (const younger of [12, 10]) expect(gate.hears(numbered(first + younger))).toBe(true);
    gate.close();
    for (const older of [9, 10, 11, 12]) expect(gate.hears(numbered(first + older))).toBe(false);
    expect(gate.hears(numbered(first + 13))).toBe(true);
  },
);

test('an id of another form has no order', () => {
  const gate = new AnonymousGate();
  const others = [Buffer.from('five!'), Buffer.alloc(4), Buffer.alloc(6)];
  expect(others.map((id) => gate.hears(id))).toEqual([true, true, true]);
  gate.close();
  expect(others.map((id) => gate.hears(id))).toEqual([false, false, false]);
  // Nobody was heard that had one: whoever comes now may be younger.
  expect(gate.hears(numbered(1))).toBe(true);
});
