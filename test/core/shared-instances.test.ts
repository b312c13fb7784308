import { expect, test } from 'vitest';
import { isOfThisCopy, shareInstances } from '../../lib/core/shared-instances.js';

/** As two copies of the library have it. */
function copy() {
  class Shape {
    static {
      shareInstances(this, 'Shape of a test');
    }
  }
  class Square extends Shape {}
  return { Shape, Square };
}

const one = copy();
const other = copy();

test('what another copy made is an instance', () => {
  expect(new other.Shape()).toBeInstanceOf(one.Shape);
  expect(new other.Square()).toBeInstanceOf(one.Shape);
  expect(isOfThisCopy(one.Shape, new other.Shape())).toBe(false);
  expect(isOfThisCopy(one.Shape, new one.Square())).toBe(true);
});

test('a class that inherits from it knows its own instances only', () => {
  expect(new one.Square()).toBeInstanceOf(one.Square);
  expect(new one.Shape()).not.toBeInstanceOf(one.Square);
  expect(new other.Square()).not.toBeInstanceOf(one.Square);
});

test.each([undefined, null, 1, 'text', {}, [], () => {}, Object.create(null)])(
  'nothing else is an instance: %s',
  (value) => {
    expect(value).not.toBeInstanceOf(one.Shape);
  },
);

test('what it is known by shows nowhere', () => {
  const shape = new one.Shape();
  expect(Reflect.ownKeys(shape)).toEqual([]);
  expect(Object.keys(one.Shape.prototype)).toEqual([]);
});
