const LONGEST = 100;

/** A wrong value of an option, for its error. The content of an object is not shown, as it may be a secret. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value);
    case 'function':
      return 'a function';
    case 'object':
      return value === null ? 'null' : shownObject(value);
    default:
      return String(value);
  }
}

/** The kind of a value, and nothing more. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'undefined';
  return typeof value === 'object' || typeof value === 'function'
    ? shown(value)
    : `a ${typeof value}`;
}

function shownObject(value: object): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  const { name } = classOf(value);
  return name === '' || name === 'Object' ? 'an object' : `an object of the class ${name}`;
}

function classOf(value: object): { name: string } {
  const { constructor } = value;
  return typeof constructor === 'function' ? constructor : { name: '' };
}
