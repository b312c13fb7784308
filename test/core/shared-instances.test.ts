import { expect, test } from 'vitest';
import { isOfThisCopy, shareInstances } from '../../lib/core/shared-instances.js';

/** The same class in two copies of the library. */
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

test('an instance of another copy is accepted', () => {
  expect(new other.Shape()).toBeInstanceOf(one.Shape);
  expect(new other.Square()).toBeInstanceOf(one.Shape);
  expect(isOfThisCopy(one.Shape, new other.Shape())).toBe(false);
  expect(isOfThisCopy(one.Shape, new one.Square())).toBe(true);
});

test('a subclass accepts only its own instances', () => {
  expect(new one.Square()).toBeInstanceOf(one.Square);
  expect(new one.Shape()).not.toBeInstanceOf(one.Square);
  expect(new other.Square()).not.toBeInstanceOf(one.Square);
});

test.each([undefined, null, 1, 'text', {}, [], () => {}, Object.create(null)])(
  'no other value is an instance: %s',
  (value) => {
    expect(value).not.toBeInstanceOf(one.Shape);
  },
);

test('the mark of an instance is not visible', () => {
  const shape = new one.Shape();
  expect(Reflect.ownKeys(shape)).toEqual([]);
  expect(Object.keys(one.Shape.prototype)).toEqual([]);
});
