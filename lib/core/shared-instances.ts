type Class = abstract new (...args: never) => object;

/**
 * Makes `instanceof` of that class true also for what another copy of this library made. An app may have several: its
 * ES modules load the one build, its CommonJS modules the other, and its dependencies may bring a version of their own.
 *
 * @param name the same in every version
 */
export function shareInstances(base: Class, name: string): void {
  const brand = Symbol.for(`nestjs-freelance.${name}`);
  Object.defineProperty(base.prototype, brand, { value: true });
  Object.defineProperty(base, Symbol.hasInstance, {
    value(this: Class, value: unknown): boolean {
      // Only the class itself: what inherits from it knows its own instances.
      if (this !== base) return isOfThisCopy(this, value);
      return typeof value === 'object' && value !== null && brand in value;
    },
  });
}

/** Whether this very copy made it, so that it is what its type says. */
export function isOfThisCopy(base: Class, value: unknown): boolean {
  return Function.prototype[Symbol.hasInstance].call(base, value);
}
