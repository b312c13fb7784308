/** The tags of such objects; options may be a module: `import * as options`. */
const PLAIN = new Set(['[object Object]', '[object Module]']);

/**
 * Whether it is an object with members of its own, of whatever class. Not a list, `Map` or `Headers`: their content would be
 * ignored silently.
 */
export function isPlainObject(value: unknown): value is object {
  return PLAIN.has(Object.prototype.toString.call(value));
}
