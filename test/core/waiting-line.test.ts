import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { WaitingLine } from '../../lib/core/waiting-line.js';

test('whoever joins and leaves, the line does what a list would', () => {
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
