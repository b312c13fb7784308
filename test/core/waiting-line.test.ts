import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { WaitingLine } from '../../lib/core/waiting-line.js';

test('behaves like a list for any sequence of joins and leaves', () => {
  const order = fc.oneof(
    fc.record({ does: fc.constant('join' as const) }),
    fc.record({ does: fc.constant('shift' as const) }),
    fc.record({ does: fc.constant('leave' as const), item: fc.nat(20) }),
  );
  fc.assert(
    fc.property(fc.array(order, { maxLength: 60 }), (orders) => {
      const line = new WaitingLine<number>();
      const list: number[] = [];
      let next = 0;
      const seen: unknown[] = [];
      const expected: unknown[] = [];
      for (const step of orders) {
        if (step.does === 'join') {
          line.join(next);
          list.push(next++);
        } else if (step.does === 'shift') {
          seen.push(line.shift());
          expected.push(list.shift());
        } else {
          const at = list.indexOf(step.item);
          seen.push(line.leave(step.item));
          expected.push(at >= 0);
          if (at >= 0) list.splice(at, 1);
        }
        seen.push(line.size, line.first);
        expected.push(list.length, list[0]);
      }
      expect(seen).toEqual(expected);
      expect(list.map(() => line.shift())).toEqual(list);
    }),
  );
});

test('whoever goes through it does not meet those that leave meanwhile', () => {
  const line = new WaitingLine<number>();
  for (const item of [1, 2, 3, 4]) line.join(item);
  const met: number[] = [];
  for (const item of line) {
    met.push(item);
    line.leave(item);
    if (item === 1) line.leave(2);
  }
  expect(met).toEqual([1, 3, 4]);
});
