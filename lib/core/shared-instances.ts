type Class = abstract new (...args: never) => object;

/**
 * Makes `instanceof` of that class accept instances from other copies of this library. An app may load several,
 * because its dependencies may bring a version of their own, or bundles contain one.
 *
 * @param name the same in every version
 */
export function shareInstances(base: Class, name: string): void {
  const brand = Symbol.for(`nestjs-freelance.${name}`);
  Object.defineProperty(base.prototype, brand, { value: true });
  Object.defineProperty(base, Symbol.hasInstance, {
    value(this: Class, value: unknown): boolean {
      // Only for the class itself: a subclass recognizes its own instances.
      if (this !== base) return isOfThisCopy(this, value);
      return typeof value === 'object' && value !== null && brand in value;
    },
  });
}

/** Whether this copy of the library made the value, so that its type can be relied on. */
export function isOfThisCopy(base: Class, value: unknown): boolean {
  return Function.prototype[Symbol.hasInstance].call(base, value);
}
