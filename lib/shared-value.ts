/**
 * A value that all copies of this library in a thread share: those of other versions, and in bundles. So what it is must never
 * change.
 *
 * @param make makes it for the first copy that asks
 */
export function sharedValue<Value>(name: string, make: () => Value): Value {
  const key = Symbol.for(`nestjs-freelance.${name}`);
  const shared = globalThis as { [key: symbol]: unknown };
  return (shared[key] ??= make()) as Value;
}
