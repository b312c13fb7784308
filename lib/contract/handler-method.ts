import 'reflect-metadata';

/** A controller's class. */
export type Class = abstract new (...args: never[]) => object;

type Method = (...args: unknown[]) => unknown;

/** The method of a class that handles an entry; a string says why there is none. */
export function handlerMethod(target: Class, key: string): Method | string {
  const owner = ownerOf(target.prototype as object, key);
  if (!owner) {
    return `there is no method ${key}. Add one; Nest does not see functions that are kept in properties`;
  }
  const method: unknown = Object.getOwnPropertyDescriptor(owner, key)?.value;
  return isMethod(method) ? method : `${key} is not a method, so Nest does not see it`;
}

/**
 * Gives a class a method of its own in place of the one that it inherits, with all that decorators have said about that:
 * the classes that share the inherited one would share the pattern, too.
 */
export function ownMethod(target: Class, key: string, method: Method): Method {
  const prototype = target.prototype as object;
  if (Object.hasOwn(prototype, key)) return method;
  const base = Object.getPrototypeOf(prototype) as object;
  // Looked up when it is called, as any inherited method: a test may have replaced it.
  const forward = function forward(this: unknown, ...args: unknown[]): unknown {
    return (Reflect.get(base, key, this) as Method).apply(this, args);
  };
  const { name, length } = method;
  Object.defineProperties(forward, { name: { value: name }, length: { value: length } });
  for (const metadataKey of Reflect.getMetadataKeys(method) as unknown[]) {
    Reflect.defineMetadata(metadataKey, Reflect.getMetadata(metadataKey, method), forward);
  }
  Object.defineProperty(prototype, key, { value: forward, writable: true, configurable: true });
  return forward;
}

function isMethod(value: unknown): value is Method {
  return typeof value === 'function';
}

/** What every object has is no handler. */
function ownerOf(prototype: object, key: string): object | undefined {
  let owner: object | null = prototype;
  while (owner && owner !== Object.prototype) {
    if (Object.hasOwn(owner, key)) return owner;
    owner = Object.getPrototypeOf(owner) as object | null;
  }
  return undefined;
}
