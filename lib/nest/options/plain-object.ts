/** What `toString` of such objects says. A module may be one: `import * as options`. */
const PLAIN = new Set(['[object Object]', '[object Module]']);

/**
 * Whether it is an object whose members say what it is, of whatever class. A list, a `Map`, `Headers` and their like have
 * none of their own: all that they hold would be lost without a word.
 */
export function isPlainObject(value: unknown): value is object {
  return PLAIN.has(Object.prototype.toString.call(value));
}
